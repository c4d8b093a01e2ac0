import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { Ioas } from '../../model/iommufd/objects.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { Errno } from '../../spec/errno.ts';
import { IOAS_MAP, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { objectIn, objectOf } from '../look.ts';
import type { Transition, Violation } from '../property.ts';
import { type Answer, refusal } from './answer.ts';
import { type Mapping, wrongAreas } from './areas.ts';
import { type Behind, cannotPin } from './pages.ts';
import type { At } from './place.ts';
import { firstFit, objection } from './room.ts';

type Judge = (transition: Transition) => Violation;

const { FIXED_IOVA, READABLE, WRITEABLE } = IOAS_MAP;

const ioasOf = ({ context }: At, id: number): Ioas | null => objectOf(context, id, 'ioas');

/**
 * What IOVAs and lengths are multiples of (iopt_calculate_iova_alignment()): the smallest pages of the domains, and whole ones where an
 * access pins, on its way there and away as well, or huge pages are switched off.
 */
export function alignmentOf(
  { world, context }: At,
  id: number,
  { iopt, hwpts }: Ioas,
  hugePagesDisabled: boolean = iopt.hugePagesDisabled,
): bigint {
  const { pageSize } = world.platform.kernel;
  const pins = context.objects.some(
    (each) =>
      each?.type === 'access' &&
      each.anyByte !== true &&
      [each.ioas, each.moving?.from, each.moving?.to].includes(id),
  );
  let alignment = hugePagesDisabled || pins ? pageSize : 1n;
  for (const hwpt of hwpts) {
    const { minPage = 1n } = objectOf(context, hwpt, 'hwptPaging')?.domain.geometry ?? {};
    if (minPage > alignment) alignment = minPage;
  }
  return alignment;
}

/** What the flags of a mapping say against it (rules ). */
function againstFlags(flags: number, ...words: readonly bigint[]): Errno | null {
  if ((flags & ~(FIXED_IOVA | READABLE | WRITEABLE)) !== 0) return 'EOPNOTSUPP';
  if (words.includes(ULONG_MAX)) return 'EOVERFLOW';
  return (flags & (READABLE | WRITEABLE)) === 0 ? 'EINVAL' : null;
}

/** A stretch that is to be mapped. */
export type Stretch = Behind & { readonly length: bigint };

/** Where stretches, one after the other, are to go. */
export interface Wish {
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  /** The output that says where they went; null: none does. */
  readonly out: string | null;
}

/** The second half of every mapping: room, protection and pages (rules ). */
export function mapped(
  at: At,
  id: number,
  ioas: Ioas,
  stretches: readonly Stretch[],
  { flags, iova, length, out }: Wish,
): Answer {
  const { world, ctx, context } = at;
  const { hwpts } = ioas;
  const { kernel } = world.platform;
  const iopt = { ...ioas.iopt, alignment: alignmentOf(at, id, ioas) };
  if (length === 0n || length % iopt.alignment !== 0n) return refusal('EINVAL');
  const isFixed = (flags & FIXED_IOVA) !== 0;
  const found = isFixed
    ? objection(iopt, iova, length)
    : firstFit(iopt, stretches[0]?.va ?? 0n, length, kernel);
  if (typeof found === 'string') return refusal(found);
  const writeable = (flags & WRITEABLE) !== 0;
  for (const { va, pagesWriteable } of stretches) {
    if (writeable && !pagesWriteable) return refusal('EPERM');
    if ((va % kernel.pageSize) % iopt.alignment !== 0n) return refusal('EINVAL');
  }
  for (const stretch of hwpts.length > 0 ? stretches : []) {
    const errno = cannotPin(world, stretch, stretch.length);
    if (errno !== null) return refusal(errno);
  }
  const needsWrites = hwpts.some(
    (hwpt) => objectOf(context, hwpt, 'hwptPaging')?.domain.geometry.writableOnly === true,
  );
  if (needsWrites && !writeable) return refusal('EINVAL');
  let start = found ?? iova;
  const first = start;
  const areas: Mapping[] = [...iopt.areas];
  for (const { va, length: bytes, pagesWriteable } of stretches) {
    const readable = (flags & READABLE) !== 0;
    areas.push({ start, last: start + bytes - 1n, va, readable, writeable, pagesWriteable });
    start += bytes;
  }
  return {
    errno: null,
    ...(out === null ? {} : { out: { [out]: first } }),
    wrongIn: (transition) => wrongAreas(transition, { ctx, id }, areas),
  };
}

/** IOMMU_IOAS_MAP (rule R-9). */
function ioasMap(at: At, args: CommandArgs['ioasMap']): Answer {
  if (args.reserved !== 0) return refusal('EOPNOTSUPP');
  const against = againstFlags(args.flags, args.iova, args.length);
  if (against !== null) return refusal(against);
  const ioas = ioasOf(at, args.ioasId);
  if (ioas === null) return refusal('ENOENT');
  if (args.userVa + args.length > ULONG_MAX) return refusal('EOVERFLOW');
  const pagesWriteable = (args.flags & WRITEABLE) !== 0;
  return mapped(at, args.ioasId, ioas, [{ va: args.userVa, length: args.length, pagesWriteable }], {
    ...args,
    out: 'iova',
  });
}

/** IOMMU_IOAS_MAP_FILE (rule R-18): of a file in memory, or of registers that a device shows. Kernels differ in what other files are. */
function ioasMapFile(at: At, args: CommandArgs['ioasMapFile'], actor: string): Answer {
  const against = againstFlags(args.flags, args.iova, args.length);
  if (against !== null) return refusal(against);
  const ioas = ioasOf(at, args.ioasId);
  if (ioas === null) return refusal('ENOENT');
  if (args.length === 0n) return refusal('EINVAL');
  if (args.start + args.length - 1n > ULONG_MAX) return refusal('EOVERFLOW');
  const file = fileOf({ world: at.world }, actor, args.fileFd);
  if (file === null) return refusal('EBADF');
  const pagesWriteable = (args.flags & WRITEABLE) !== 0;
  const stretch = { va: args.start, length: args.length, pagesWriteable };
  const wish = { ...args, out: 'iova' };
  if (file.of.kind === 'memory')
    return mapped(at, args.ioasId, ioas, [{ ...stretch, file: file.index }], wish);
  if (file.of.kind !== 'dmabuf') return null;
  const shown = at.world.pins?.dmabufs[file.of.dmabuf] ?? null;
  if (shown === null) return null;
  const bytes = shown.bytes ?? at.world.platform.devices[shown.device]?.bar0Size ?? 0;
  if (args.start + args.length > BigInt(bytes)) return refusal('EINVAL');
  if (shown.revoked) return refusal('ENODEV');
  return mapped(at, args.ioasId, ioas, [{ ...stretch, dmabuf: file.of.dmabuf }], wish);
}

/** IOMMU_IOAS_COPY (rule R-12): the pages of a range that areas cover without a gap. */
function ioasCopy(at: At, args: CommandArgs['ioasCopy']): Answer {
  const against = againstFlags(args.flags, args.length, args.srcIova, args.dstIova);
  if (against !== null) return refusal(against);
  const source = ioasOf(at, args.srcIoasId);
  if (source === null) return refusal('ENOENT');
  if (args.length === 0n) return refusal('EINVAL');
  if (args.srcIova + args.length - 1n > ULONG_MAX) return refusal('EOVERFLOW');
  const stretches: Stretch[] = [];
  let from = args.srcIova;
  for (let left = args.length; left > 0n; ) {
    const area = source.iopt.areas.find(({ start, last }) => start <= from && from <= last);
    if (area === undefined || area.filling === true) return refusal('ENOENT');
    const rest = area.last - from + 1n;
    const length = rest < left ? rest : left;
    stretches.push({ ...area, va: area.va + (from - area.start), length });
    from += length;
    left -= length;
  }
  const target = ioasOf(at, args.dstIoasId);
  if (target === null) return refusal('ENOENT');
  return mapped(at, args.dstIoasId, target, stretches, { ...args, iova: args.dstIova, out: 'dstIova' });
}

/** What is taken away between two addresses, area by area, until one says no (rule R-11). */
export interface Taken {
  readonly bytes: bigint;
  readonly errno: Errno | null;
  readonly left: readonly Mapping[];
}

export function takenBetween(at: At, id: number, areas: readonly Area[], start: bigint, last: bigint): Taken {
  const left: Mapping[] = [];
  let errno: Errno | null = null;
  let bytes = 0n;
  for (const area of areas) {
    if (errno === null && area.start <= last && area.last >= start) {
      const locked = at.context.objects.some(
        (each) =>
          each?.type === 'access' &&
          each.ioas === id &&
          each.locks === true &&
          each.pins.some((pin) => pin.start <= area.last && pin.last >= area.start),
      );
      if (locked || area.filling === true) errno = 'EBUSY';
      else if (area.start < start || area.last > last) errno = 'ENOENT';
      else {
        bytes += area.last - area.start + 1n;
        continue;
      }
    }
    left.push(area);
  }
  return { bytes, errno, left };
}

/** IOMMU_IOAS_UNMAP (rule R-11). */
function ioasUnmap(at: At, args: CommandArgs['ioasUnmap']): Answer {
  const ioas = ioasOf(at, args.ioasId);
  if (ioas === null) return refusal('ENOENT');
  const all = args.iova === 0n && args.length === ULONG_MAX;
  if (!all && (args.iova === ULONG_MAX || args.length === ULONG_MAX)) return refusal('EOVERFLOW');
  if (!all && args.length === 0n) return refusal('EINVAL');
  const last = all ? ULONG_MAX : args.iova + args.length - 1n;
  if (last > ULONG_MAX) return refusal('EOVERFLOW');
  const { bytes, errno, left } = takenBetween(at, args.ioasId, ioas.iopt.areas, args.iova, last);
  const wrongIn: Judge = (transition) => wrongAreas(transition, { ctx: at.ctx, id: args.ioasId }, left);
  if (errno !== null) return { errno, wrongIn };
  return bytes === 0n && !all ? refusal('ENOENT') : { errno, out: { length: bytes }, wrongIn };
}

/** IOMMU_IOAS_IOVA_RANGES (rule R-15). */
function ioasIovaRanges(at: At, args: CommandArgs['ioasIovaRanges']): Answer {
  if (args.reserved !== 0) return refusal('EOPNOTSUPP');
  const ioas = ioasOf(at, args.ioasId);
  if (ioas === null) return refusal('ENOENT');
  const ranges: bigint[] = [];
  let from = 0n;
  for (const { start, last } of [...ioas.iopt.reserved, { start: ULONG_MAX + 1n, last: ULONG_MAX + 1n }]) {
    if (start > from) ranges.push(from, start - 1n);
    if (last >= from) from = last + 1n;
  }
  const count = ranges.length / 2;
  if (Math.min(count, args.numIovas) > 0 && args.allowedIovas !== 'buffer') return refusal('EFAULT');
  const data = ranges.slice(0, 2 * args.numIovas);
  const out = { numIovas: count, outIovaAlignment: alignmentOf(at, args.ioasId, ioas), data };
  return { errno: count > args.numIovas ? 'EMSGSIZE' : null, out };
}

/** IOMMU_IOAS_ALLOW_IOVAS (rule R-13). What of the list cannot be read is EFAULT, as soon as that is met. */
function ioasAllowIovas(at: At, args: CommandArgs['ioasAllowIovas']): Answer {
  if (args.reserved !== 0) return refusal('EOPNOTSUPP');
  const ioas = ioasOf(at, args.ioasId);
  if (ioas === null) return refusal('ENOENT');
  const words = args.data ?? [];
  for (let nth = 0; nth < args.numIovas; nth++) {
    const start = words[2 * nth];
    const last = words[2 * nth + 1];
    if (start === undefined || last === undefined) return refusal('EFAULT');
    if (start >= last) return refusal('EINVAL');
    for (let other = 0; other < nth; other++)
      if (start <= (words[2 * other + 1] ?? 0n) && last >= (words[2 * other] ?? 0n)) return refusal('EINVAL');
  }
  for (let nth = 0; nth < args.numIovas; nth++)
    if (
      ioas.iopt.reserved.some(
        (each) => each.start <= (words[2 * nth + 1] ?? 0n) && each.last >= (words[2 * nth] ?? 0n),
      )
    )
      return refusal('EADDRINUSE');
  return {
    errno: null,
    wrongIn({ world }) {
      const allowed = objectIn(world, at.ctx, args.ioasId, 'ioas')?.iopt.allowed ?? [];
      const isKept =
        allowed.length === args.numIovas && allowed.every(({ start, last }) => has(words, start, last));
      return isKept
        ? null
        : `IOAS ${args.ioasId} allows ${allowed.length} ranges, which are not the ${args.numIovas} that were given`;
    },
  };
}

function has(words: readonly bigint[], start: bigint, last: bigint): boolean {
  for (let at = 0; at + 1 < words.length; at += 2)
    if (words[at] === start && words[at + 1] === last) return true;
  return false;
}

/** IOMMU_IOAS_ALLOC: an empty IOAS, under an id that nothing has. */
function ioasAlloc({ ctx, context }: At, args: CommandArgs['ioasAlloc']): Answer {
  if (args.flags !== 0) return refusal('EOPNOTSUPP');
  return {
    errno: null,
    wrongIn({ world, result }) {
      const id = result.out.outIoasId;
      const now = world.contexts[ctx] ?? null;
      if (typeof id !== 'number' || now === null) return 'IOAS_ALLOC gives no id';
      const ioas = objectOf(now, id, 'ioas');
      if (ioas === null) return `IOAS_ALLOC gives ${id}, which is no IOAS`;
      const isNew = (context.objects[id] ?? null) === null;
      const isEmpty = ioas.iopt.areas.length + ioas.iopt.reserved.length + ioas.iopt.allowed.length === 0;
      return isNew && isEmpty && ioas.users === 1 ? null : `IOAS ${id} is not as a new one is`;
    },
  };
}

export const IOAS_ANSWERS = {
  ioasAlloc,
  ioasAllowIovas,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasMapFile,
  ioasUnmap,
} as const;
