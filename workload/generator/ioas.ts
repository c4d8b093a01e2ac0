import type { Area, IoPageTable } from '../../model/iommufd/iopt/table.ts';
import type { Words } from '../../model/world/command.ts';
import { DMA_UNMAP_ALL } from '../../spec/iommufd/compat.ts';
import { IOAS_MAP, OPTION, OPTION_OP, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { call, type Move, type UapiCall } from './move.ts';
import { alignedIn, drawIova, drawLength, drawUserVa, LAST_PAGE, NOWHERE, PAGE } from './values.ts';
import { fdHandle, type Handle, type Objects, objectAt, objectHandle, type View } from './view.ts';

const { FIXED_IOVA, READABLE, WRITEABLE } = IOAS_MAP;

const PROTECTIONS: readonly number[] = [READABLE | WRITEABLE, READABLE | WRITEABLE, READABLE, WRITEABLE];

/** How memory may be used; now and then not at all. */
function drawProtection(draw: Draw): number {
  return oneIn(40, draw) ? 0 : pick(PROTECTIONS, draw);
}

/** An IOAS that a call is to be about. */
interface Target {
  readonly here: Objects;
  readonly id: number;
  readonly fd: Handle;
  readonly ioasId: Handle;
}

function drawIoas(view: View, draw: Draw): Target {
  const here = view.here as Objects;
  const id = pick(here.ioases, draw);
  return { here, id, fd: fdHandle(view, here.fd as number), ioasId: objectHandle(view, here, id) };
}

function areasOf(here: Objects, ioas: number): readonly Area[] {
  return objectAt(here, ioas, 'ioas').iopt.areas;
}

function hasIoas({ here }: View): boolean {
  return here !== null && here.ioases.length > 0;
}

/** Whether anything is mapped in the context. */
function isMapped({ here }: View): boolean {
  return here?.ioases.some((id) => areasOf(here, id).length > 0) === true;
}

/** A weight where there is an IOAS to speak of. */
function withIoas(weight: number): (view: View) => number {
  return (view) => (hasIoas(view) ? weight : 0);
}

const ioasAlloc: Move = {
  weight: ({ here }) => (here === null ? 0 : here.ioases.length === 0 ? 60 : here.ioases.length < 3 ? 4 : 1),
  make: (view) => call(view, 'ioasAlloc', { fd: fdHandle(view, view.here?.fd as number) }),
};

const ioasMap: Move = {
  weight({ here }) {
    if (here === null || here.ioases.length === 0) return 0;
    if (here.pagings.length > 0) return 9;
    // Where only some IOVAs are allowed, what the kernel chooses is seen before a domain takes away more of them.
    return here.ioases.some((id) => objectAt(here, id, 'ioas').iopt.allowed.length > 0) ? 16 : 3;
  },
  make(view, draw) {
    const { here, id, fd, ioasId } = drawIoas(view, draw);
    const protection = drawProtection(draw);
    // Nothing is pinned while no domain is there, so memory that does not exist is mapped as well.
    const { hwpts, iopt } = objectAt(here, id, 'ioas');
    const lazy = hwpts.length === 0 && oneIn(10, draw);
    const userVa = lazy ? pick([NOWHERE, LAST_PAGE], draw) : drawUserVa(view.world.platform.userMemory, draw);
    const length = drawLength(draw);
    // Where only some IOVAs are allowed, the kernel is to choose among them; at the end, something that has to be aligned.
    const atTheEnd = iopt.allowed.some(({ last }) => last === ULONG_MAX);
    if (atTheEnd && oneIn(2, draw)) {
      const { start } = pick(view.world.platform.userMemory, draw);
      const flags = READABLE | WRITEABLE;
      return call(view, 'ioasMap', { fd, ioasId, flags, userVa: alignedIn(start), length: 4n * PAGE });
    }
    if (oneIn(iopt.allowed.length > 0 ? 2 : 3, draw))
      return call(view, 'ioasMap', { fd, ioasId, flags: protection, userVa, length });
    const flags = protection | FIXED_IOVA;
    return call(view, 'ioasMap', { fd, ioasId, flags, userVa, length, iova: drawIova(draw) });
  },
};

const ioasUnmap: Move = {
  weight: (view) => (isMapped(view) ? 4 : hasIoas(view) ? 1 : 0),
  make(view, draw) {
    const { here, id, fd, ioasId } = drawIoas(view, draw);
    if (oneIn(8, draw))
      return call(view, 'ioasUnmap', { fd, ioasId, iova: oneIn(8, draw) ? PAGE : 0n, length: ULONG_MAX });
    const { iova, length } = drawRange(areasOf(here, id), draw);
    return call(view, 'ioasUnmap', { fd, ioasId, iova, length });
  },
};

/** A range that has to do with what is mapped: one area, several, or only a part of one. No length is all of 64 bits. */
function drawRange(areas: readonly Area[], draw: Draw): { iova: bigint; length: bigint } {
  const { iova, length } = drawAmong(areas, draw);
  return { iova, length: length > ULONG_MAX ? ULONG_MAX : length };
}

function drawAmong(areas: readonly Area[], draw: Draw): { iova: bigint; length: bigint } {
  if (areas.length === 0 || oneIn(10, draw)) return { iova: drawIova(draw), length: drawLength(draw) };
  const first = pick(areas, draw);
  const size = first.last - first.start + 1n;
  switch (draw(7)) {
    case 0: {
      const last = pick(areas, draw).last;
      return last < first.start
        ? { iova: first.start, length: size }
        : { iova: first.start, length: last - first.start + 1n };
    }
    case 3:
      return intoTheNext(first, areas);
    case 1:
      return { iova: first.start, length: size > PAGE ? size - PAGE : size + PAGE };
    case 2:
      return size > PAGE
        ? { iova: first.start + PAGE, length: size - PAGE }
        : { iova: first.start, length: size };
    default:
      return { iova: first.start, length: size };
  }
}

/** A whole area, and on into the middle of one behind it if there is one. */
function intoTheNext(first: Area, areas: readonly Area[]): { iova: bigint; length: bigint } {
  const next = areas.find(({ start, last }) => start > first.start && last - start >= PAGE);
  const last = next === undefined ? first.last : next.last - PAGE;
  return { iova: first.start, length: last - first.start + 1n };
}

const ioasCopy: Move = {
  weight: (view) => (isMapped(view) ? 3 : 0),
  make(view, draw) {
    const here = view.here as Objects;
    const mapped = here.ioases.filter((id) => areasOf(here, id).length > 0);
    const source = pick(mapped, draw);
    const { iova: srcIova, length } = drawRange(areasOf(here, source), draw);
    const { fd, ioasId: dstIoasId } = drawIoas(view, draw);
    const srcIoasId = objectHandle(view, here, source);
    const protection = drawProtection(draw);
    if (oneIn(2, draw))
      return call(view, 'ioasCopy', { fd, flags: protection, dstIoasId, srcIoasId, length, srcIova });
    const flags = protection | FIXED_IOVA;
    const dstIova = drawIova(draw);
    return call(view, 'ioasCopy', { fd, flags, dstIoasId, srcIoasId, length, dstIova, srcIova });
  },
};

const ioasIovaRanges: Move = {
  weight: withIoas(3),
  make(view, draw) {
    const { fd, ioasId } = drawIoas(view, draw);
    return call(view, 'ioasIovaRanges', { fd, ioasId, numIovas: oneIn(2, draw) ? 8 : draw(4) });
  },
};

/** Lists of ranges: to fill up, with the MSI window inside, against each other, and the wrong way round. */
const ALLOWED: readonly Words[] = [
  [0x4000n, 0x4fffn],
  [0x4000n, 0x1_ffffn, 0x4_0000n, 0x4_0fffn],
  [0x10_0000n, 0x7ff_ffffn, 0x810_0000n, 0xfff_ffffn],
  [0n, 0xfff_ffffn],
  [0x800_0000n, 0x800_0fffn],
  [0x4000n, 0x8fffn, 0x8000n, 0xffffn],
  [0x8000n, 0x4000n],
  [1n << 44n, ULONG_MAX],
];

/** A range at the end of the space, which every domain's aperture leaves out: aligning its start can overflow. */
const AT_THE_END: Words = [ULONG_MAX - 0x17ffn, ULONG_MAX];

/** An IOAS that nothing is reserved in yet, where every range can be allowed. */
function hasUnusedIoas({ here }: View): boolean {
  return here?.ioases.some((id) => objectAt(here, id, 'ioas').hwpts.length === 0) === true;
}

const ioasAllowIovas: Move = {
  weight: (view) => (hasUnusedIoas(view) ? 6 : hasIoas(view) ? 2 : 0),
  make(view, draw) {
    const { here, id, fd, ioasId } = drawIoas(view, draw);
    // An empty list allows everything again.
    if (oneIn(2, draw)) return call(view, 'ioasAllowIovas', { fd, ioasId });
    const { hwpts } = objectAt(here, id, 'ioas');
    const data = hwpts.length === 0 && oneIn(2, draw) ? AT_THE_END : pick(ALLOWED, draw);
    return call(view, 'ioasAllowIovas', { fd, ioasId, numIovas: data.length / 2, data });
  },
};

const ioasMapFile: Move = {
  weight: withIoas(1),
  make(view, draw) {
    const { fd, ioasId } = drawIoas(view, draw);
    return call(view, 'ioasMapFile', {
      fd,
      ioasId,
      flags: READABLE | FIXED_IOVA,
      fileFd: draw(9) - 1,
      length: oneIn(6, draw) ? ULONG_MAX : drawLength(draw),
      iova: drawIova(draw),
    });
  },
};

const ioasChangeProcess: Move = {
  weight: ({ here }) => (here === null ? 0 : 1),
  make: (view) => call(view, 'ioasChangeProcess', { fd: fdHandle(view, view.here?.fd as number) }),
};

const option: Move = {
  weight: ({ here }) => (here === null ? 0 : here.table.length === 1 ? 10 : 2),
  make(view, draw) {
    const here = view.here as Objects;
    const fd = fdHandle(view, here.fd as number);
    if (here.ioases.length === 0 || oneIn(4, draw)) return rlimitMode(view, fd, draw);
    const { ioasId: objectId } = drawIoas(view, draw);
    const optionId = OPTION.HUGE_PAGES;
    if (oneIn(4, draw)) return call(view, 'option', { fd, optionId, op: OPTION_OP.GET, objectId });
    return call(view, 'option', {
      fd,
      optionId,
      op: OPTION_OP.SET,
      objectId,
      val64: pick([0n, 0n, 0n, 1n, 1n, 2n], draw),
    });
  },
};

function rlimitMode(view: View, fd: Handle, draw: Draw): UapiCall {
  const optionId = OPTION.RLIMIT_MODE;
  if (oneIn(3, draw)) return call(view, 'option', { fd, optionId, op: OPTION_OP.GET });
  return call(view, 'option', { fd, optionId, op: OPTION_OP.SET, val64: BigInt(draw(3)) });
}

const vfioIoas: Move = {
  weight: withIoas(2),
  make(view, draw) {
    const { fd, ioasId } = drawIoas(view, draw);
    return call(view, 'vfioIoas', { fd, ioasId, op: pick([0, 1, 1, 2], draw) });
  },
};

/** The IOAS that container calls are about. */
function compatOf(view: View): number | null {
  return view.world.contexts[view.here?.ctx ?? -1]?.compatIoas ?? null;
}

const vfioUnmapDma: Move = {
  weight: (view) => (compatOf(view) === null ? (view.here === null ? 0 : 1) : 4),
  make(view, draw) {
    const here = view.here as Objects;
    const fd = fdHandle(view, here.fd as number);
    if (oneIn(8, draw)) return call(view, 'vfioUnmapDma', { fd, flags: DMA_UNMAP_ALL });
    const compat = compatOf(view);
    const areas = compat === null ? [] : areasOf(here, compat);
    const [first] = areas;
    const range =
      intoOne(compat === null ? null : objectAt(here, compat, 'ioas').iopt, draw) ??
      (first !== undefined && oneIn(2, draw) ? intoTheNext(first, areas) : drawRange(areas, draw));
    // A dirty bitmap, and addresses that are taken back, are for containers only; and everything has no range.
    const flags = oneIn(8, draw) ? draw(8) : 0;
    return call(view, 'vfioUnmapDma', { fd, flags, ...range });
  },
};

/** Where areas may be cut: mostly some pages of one, from its beginning, in its middle or up to its end. */
function intoOne(iopt: IoPageTable | null, draw: Draw): { iova: bigint; length: bigint } | null {
  if (iopt?.hugePagesDisabled !== true || oneIn(4, draw)) return null;
  const area = pickAny(
    iopt.areas.filter(({ start, last }) => last - start >= PAGE),
    draw,
  );
  if (area === undefined) return null;
  const pages = Number((area.last - area.start + 1n) / PAGE);
  const first = draw(Math.min(pages, 4));
  const length = BigInt(1 + draw(Math.min(pages - first, 4))) * PAGE;
  return { iova: area.start + BigInt(first) * PAGE, length: length - (oneIn(12, draw) ? 0x800n : 0n) };
}

/** What a process does with IOVA spaces. */
export const IOAS_MOVES = {
  ioasAlloc,
  ioasAllowIovas,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasMapFile,
  ioasUnmap,
  ioasChangeProcess,
  option,
  vfioIoas,
  vfioUnmapDma,
} as const satisfies Readonly<Record<string, Move>>;
