import type { AnyIoctlName } from '../../model/world/command.ts';

/*
 * A buffer is as long as its struct says. A recorder notes what a program handed over, which is now and then less (a
 * length that is a lie is what some programs try) and, where the struct says next to nothing, a little more.
 */

/** Bytes of one buffer: 4,096 guest invalidation commands, or the dirty bitmap of 2 GiB. */
export const MAX_BUFFER = 1 << 16;

/** Bytes that are looked at whatever the struct says: a page, as little as a program maps. */
const PAGE = 4096;

type Fields = Readonly<Record<string, unknown>>;

const RANGE_BYTES = 16;

/** By ioctl, how many bytes its struct says that there are (iommufd.h). */
const SAID: { readonly [Name in AnyIoctlName]?: (fields: Fields) => number } = {
  ioasAllowIovas: ({ numIovas }) => RANGE_BYTES * Number(numIovas),
  ioasIovaRanges: ({ numIovas }) => RANGE_BYTES * Number(numIovas),
  hwptAlloc: ({ dataLen }) => Number(dataLen),
  getHwInfo: ({ dataLen }) => Number(dataLen),
  hwptInvalidate: ({ entryLen, entryNum }) => Number(entryLen) * Number(entryNum),
  viommuAlloc: ({ dataLen }) => Number(dataLen),
  hwptGetDirtyBitmap: ({ length, pageSize }) => Number(length) / Math.max(1, Number(pageSize)) / 8,
};

/** The most bytes that a buffer of this call can have. */
export function mostBytes(name: string, fields: Fields): number {
  const said = Object.hasOwn(SAID, name) ? (SAID[name as AnyIoctlName]?.(fields) ?? 0) : 0;
  return Math.min(MAX_BUFFER, Math.max(PAGE, Math.ceil(said)));
}
