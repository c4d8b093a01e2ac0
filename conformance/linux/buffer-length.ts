import { BUFFER_LENGTHS } from '../../spec/iommufd/buffers.ts';

/*
 * A buffer is as long as its struct says. A recorder notes what a program handed over, which is now and then less (a
 * length that is a lie is what some programs try) and, where the struct says next to nothing, a little more.
 */

/** Bytes of one buffer: 4,096 guest invalidation commands, or the dirty bitmap of 2 GiB. */
export const MAX_BUFFER = 1 << 16;

/** Bytes that are looked at whatever the struct says: a page, as little as a program maps. */
const PAGE = 4096;

type Fields = Readonly<Record<string, unknown>>;

/** How many bytes its struct says that there are. */
function saidOf(name: string, fields: Fields): number {
  const said = Object.hasOwn(BUFFER_LENGTHS, name) ? BUFFER_LENGTHS[name] : undefined;
  if (said === undefined) return 0;
  const { each, times, per, bits } = said;
  const units = times.reduce((product, field) => product * Number(fields[field]), each);
  const divided = per === undefined ? units : units / Math.max(1, Number(fields[per]));
  return bits ? divided / 8 : divided;
}

/** The most bytes that a buffer of this call can have. */
export function mostBytes(name: string, fields: Fields): number {
  return Math.min(MAX_BUFFER, Math.max(PAGE, Math.ceil(saidOf(name, fields))));
}
