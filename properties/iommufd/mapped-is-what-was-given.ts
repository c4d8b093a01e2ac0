import type { Area } from '../../model/iommufd/iopt/table.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { callsInFlight, contextOfFd, hex, objectOf } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';

/** A byte that an IOAS leads to: of user memory, of a file, of registers, or of a doorbell. */
interface Place {
  readonly of: string;
  readonly at: bigint;
  /** Whether devices may write there, by the flags of the MAP that brought it in. */
  readonly writeable: boolean;
}

/** What a call asked for: `length` bytes from `iova` on, and what is to be behind each. */
interface Asked {
  readonly ioasId: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly flags: number;
  readonly behind: (offset: bigint) => Place | null;
}

function areasOf(world: World, { command }: Transition, ioasId: number): readonly Area[] {
  const fd = 'fd' in command.args ? (command.args.fd as number) : -1;
  const context = contextOfFd(world, command.actor, fd);
  return context === null ? [] : (objectOf(context, ioasId, 'ioas')?.iopt.areas ?? []);
}

function placeIn({ start, va, doorbell, dmabuf, file, pagesWriteable }: Area, iova: bigint): Place {
  const offset = iova - start;
  if (doorbell !== undefined)
    return { of: 'doorbell', at: doorbell.page + offset, writeable: pagesWriteable };
  const of = file === undefined ? (dmabuf === undefined ? 'memory' : `dmabuf ${dmabuf}`) : `file ${file}`;
  return { of, at: va + offset, writeable: pagesWriteable };
}

function placeAt(areas: readonly Area[], iova: bigint): Place | null {
  const area = areas.find(({ start, last }) => start <= iova && iova <= last);
  return area === undefined ? null : placeIn(area, iova);
}

function askedBy(transition: Transition): Asked | null {
  const { before, command, result } = transition;
  if (!result.ok) return null;
  switch (command.command) {
    case 'ioasMap': {
      const { ioasId, userVa, length, flags } = command.args;
      const writeable = (flags & IOAS_MAP.WRITEABLE) !== 0;
      const behind = (offset: bigint) => ({ of: 'memory', at: userVa + offset, writeable });
      return { ioasId, iova: result.out.iova as bigint, length, flags, behind };
    }
    case 'ioasMapFile': {
      const { ioasId, fileFd, start, length, flags } = command.args;
      const file = fileOf({ world: before }, command.actor, fileFd);
      const writeable = (flags & IOAS_MAP.WRITEABLE) !== 0;
      const of = file?.of.kind === 'dmabuf' ? 'dmabuf' : `file ${file?.index}`;
      return {
        ioasId,
        iova: result.out.iova as bigint,
        length,
        flags,
        behind: (offset) => ({ of, at: start + offset, writeable }),
      };
    }
    case 'ioasCopy': {
      const { srcIoasId, srcIova, dstIoasId, length, flags } = command.args;
      const source = areasOf(before, transition, srcIoasId);
      return {
        ioasId: dstIoasId,
        iova: result.out.dstIova as bigint,
        length,
        flags,
        behind: (offset) => placeAt(source, srcIova + offset),
      };
    }
    default:
      return null;
  }
}

/** Which dma-buf it is has a number that only the model knows; doorbells that user space had mapped are user memory to it. */
function isSame(is: Place, asked: Place): boolean {
  const sameKind = is.of === asked.of || (asked.of === 'dmabuf' && is.of.startsWith('dmabuf'));
  if (is.of === 'doorbell' && asked.of === 'memory') return true;
  return sameKind && is.at === asked.at;
}

function show({ of, at }: Place): string {
  return `${of} ${hex(at)}`;
}

/** Every area that the call made, at its first byte and its last. */
function wrongIn(areas: readonly Area[], { iova, length, flags, behind }: Asked): Violation {
  const last = iova + length - 1n;
  let next = iova;
  for (const area of areas) {
    if (area.last < iova || area.start > last) continue;
    if (area.start !== next || area.last > last)
      return `${hex(area.start)}..${hex(area.last)} is mapped, but ${hex(iova)}..${hex(last)} was asked for`;
    next = area.last + 1n;
    const mayWrite = (flags & IOAS_MAP.WRITEABLE) !== 0;
    if (area.writeable !== mayWrite || area.readable !== ((flags & IOAS_MAP.READABLE) !== 0))
      return `${hex(area.start)} is mapped with other permissions than were asked for`;
    for (const at of [area.start, area.last]) {
      const asked = behind(at - iova);
      if (asked === null) return `${hex(at)} is mapped, but nothing was given for it`;
      const is = placeIn(area, at);
      if (!isSame(is, asked)) return `${hex(at)} leads to ${show(is)} in place of ${show(asked)}`;
      if (mayWrite && !asked.writeable) return `${hex(at)} can be written, but was given for reading alone`;
    }
  }
  return next === last + 1n ? null : `${hex(next)} is not mapped after it was asked for`;
}

export const mappedIsWhatWasGiven: StepProperty = {
  id: 'mapped-is-what-was-given',
  sentence:
    'A MAP or COPY that succeeds maps all of the range that it names, to the memory that it names, with the permissions that it names, and never writes to what was given for reading alone.',
  source:
    'include/uapi/linux/iommufd.h: IOMMU_IOAS_MAP, IOMMU_IOAS_MAP_FILE, IOMMU_IOAS_COPY ("copying an existing mapping")',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'copy-starts-at-area',
  violated(transition) {
    const asked = askedBy(transition);
    // A call of another thread may have mapped or unmapped meanwhile.
    if (asked === null || callsInFlight(transition.world).length > 0) return null;
    return wrongIn(areasOf(transition.world, transition, asked.ioasId), asked);
  },
  witness: ({ command, result }) => command.command === 'ioasCopy' && result.ok,
};
