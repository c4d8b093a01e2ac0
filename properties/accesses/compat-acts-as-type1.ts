import type { Context } from '../../model/iommufd/context.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import {
  DMA_MAP,
  DMA_UNMAP,
  INFO_BYTES,
  INFO_MIN_BYTES,
  MAP_BYTES,
  UNMAP_BYTES,
  VFIO_EXTENSION,
} from '../../spec/vfio/container.ts';
import { contextOfFd, hex, objectOf } from '../look.ts';
import type { StepProperty, Transition } from '../property.ts';

/*
 * What programs that know containers only may rely on when the descriptor is /dev/iommu, as linux/vfio.h words it.
 */

const CALLS = [
  'compatApiVersion',
  'compatCheckExtension',
  'compatSetIommu',
  'compatGetInfo',
  'compatMapDma',
  'vfioUnmapDma',
] as const;

type Name = (typeof CALLS)[number];
type Call = Extract<Command, { readonly command: Name }>;

/** A call on a file of /dev/iommu, and the areas of the IOAS that stands for the container; null: none does. */
interface Asked {
  readonly call: Call;
  readonly context: Context;
  readonly areas: readonly Area[] | null;
  readonly left: readonly Area[];
}

function areasOf(
  world: World,
  command: Command & { readonly args: { readonly fd: number } },
  id: number | null,
) {
  const context = contextOfFd(world, command.actor, command.args.fd);
  return (context === null || id === null ? null : objectOf(context, id, 'ioas'))?.iopt.areas ?? null;
}

function isCall(command: Command): command is Call {
  return (CALLS as readonly string[]).includes(command.command);
}

function askedOf({ before, world, command }: Transition): Asked | null {
  if (!isCall(command)) return null;
  const context = contextOfFd(before, command.actor, command.args.fd);
  if (context === null) return null;
  const areas = areasOf(before, command, context.compatIoas);
  return { call: command, context, areas, left: areasOf(world, command, context.compatIoas) ?? [] };
}

/** Extensions that there always are, and those that there are not; of coherency the domains decide. */
const EXTENSIONS: ReadonlyMap<number, number> = new Map([
  [VFIO_EXTENSION.TYPE1, 1],
  [VFIO_EXTENSION.TYPE1V2, 1],
  [VFIO_EXTENSION.UNMAP_ALL, 1],
  [VFIO_EXTENSION.TYPE1_NESTING, 0],
  [VFIO_EXTENSION.UPDATE_VADDR, 0],
  [VFIO_EXTENSION.SPAPR_TCE, 0],
]);

function sameAreas(a: readonly Area[], b: readonly Area[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ start, last, va, readable, writeable }, at) => {
      const other = b[at] as Area;
      return (
        other.start === start &&
        other.last === last &&
        other.va === va &&
        other.readable === readable &&
        other.writeable === writeable
      );
    })
  );
}

function text({ start, last }: { readonly start: bigint; readonly last: bigint }): string {
  return `${hex(start)} to ${hex(last)}`;
}

/** MAP_DMA: what is asked for is there then, and everything else as it was. */
function mapped({ call, areas, left }: Asked, { result }: Transition): string | null {
  if (call.command !== 'compatMapDma') return null;
  const { argsz, flags, iova, vaddr, length } = call.args;
  if (!result.ok)
    return areas === null || sameAreas(areas, left) ? null : 'a MAP_DMA that is refused changes mappings';
  if (argsz < MAP_BYTES) return `MAP_DMA takes a struct of ${argsz} bytes`;
  if ((flags & ~(DMA_MAP.READ | DMA_MAP.WRITE)) !== 0) return `MAP_DMA takes flags ${hex(BigInt(flags))}`;
  if (flags === 0) return 'MAP_DMA takes a mapping that allows neither reads nor writes';
  const last = iova + length - 1n;
  const at = left.findIndex((area) => area.start === iova && area.last === last);
  const area = left[at];
  if (area === undefined) return `MAP_DMA leaves ${text({ start: iova, last })} unmapped`;
  const isAsked =
    area.va === vaddr &&
    area.readable === ((flags & DMA_MAP.READ) !== 0) &&
    area.writeable === ((flags & DMA_MAP.WRITE) !== 0);
  if (!isAsked) return `MAP_DMA maps ${text(area)} otherwise than asked`;
  return sameAreas(areas ?? [], left.toSpliced(at, 1))
    ? null
    : 'MAP_DMA changes mappings that it does not name';
}

/** UNMAP_DMA: nothing is left of the range, nothing else is gone, and `size` says how much it was. */
function unmapped({ call, areas, left }: Asked, { result }: Transition): string | null {
  if (call.command !== 'vfioUnmapDma' || areas === null || !result.ok) return null;
  const { argsz, flags, iova, length } = call.args;
  const isAll = (flags & DMA_UNMAP.ALL) !== 0;
  if (argsz < UNMAP_BYTES) return `UNMAP_DMA takes a struct of ${argsz} bytes`;
  if ((flags & ~DMA_UNMAP.ALL) !== 0) return `UNMAP_DMA takes flags ${hex(BigInt(flags))}`;
  if (isAll && (iova !== 0n || length !== 0n)) return 'UNMAP_DMA of everything takes a range';
  const last = iova + length - 1n;
  const inside = (area: Area): boolean => isAll || (area.start <= last && area.last >= iova);
  const stays = left.find(inside);
  if (stays !== undefined) return `UNMAP_DMA leaves ${text(stays)} mapped`;
  const bytes = (list: readonly Area[]): bigint =>
    list.reduce((sum, each) => sum + (each.last - each.start + 1n), 0n);
  const within = areas.reduce((sum, area) => {
    if (!inside(area)) return sum;
    const [from, to] = isAll
      ? [area.start, area.last]
      : [area.start > iova ? area.start : iova, area.last < last ? area.last : last];
    return sum + (to - from + 1n);
  }, 0n);
  if (bytes(areas) - bytes(left) !== within) return 'UNMAP_DMA takes more than its range';
  const told = result.out.length;
  return told === within ? null : `UNMAP_DMA tells of ${String(told)} bytes, and took ${within}`;
}

/** Words of a capability of IOVA ranges: its header, how many, and each. */
const RANGE_CAP = 1n;
const CAP_ID = 0xffffn;

/** GET_INFO: how much room it takes, page sizes that can be mapped, and with enough room the ranges there are. */
function info({ call, context, areas, left }: Asked, { result }: Transition): string | null {
  if (call.command !== 'compatGetInfo' || !result.ok || areas === null) return null;
  const { argsz } = call.args;
  if (argsz < INFO_MIN_BYTES) return `GET_INFO takes a struct of ${argsz} bytes`;
  const { argsz: needed, capOffset, tail, iovaPgsizes } = result.out;
  if (!sameAreas(areas, left)) return 'GET_INFO changes mappings';
  if (iovaPgsizes === 0n) return 'GET_INFO tells of no page size';
  if (argsz < Number(needed))
    return capOffset === 0 ? null : 'GET_INFO tells where capabilities are that it has not written';
  if (Number(capOffset) < INFO_BYTES) return 'GET_INFO has room for its capabilities, and tells of none';
  const words = (tail ?? []) as readonly bigint[];
  const at = words.findIndex((word, place) => place % 2 === 0 && (word & CAP_ID) === RANGE_CAP);
  const count = Number(words[at + 1] ?? 0n);
  const ranges = Array.from({ length: count }, (_, each) => ({
    start: words[at + 2 + 2 * each] ?? 0n,
    last: words[at + 3 + 2 * each] ?? 0n,
  }));
  const outside = areas.find(
    (area) => !ranges.some(({ start, last }) => start <= area.start && area.last <= last),
  );
  if (outside !== undefined) return `GET_INFO's ranges are without ${text(outside)}, which is mapped`;
  const ioas = context.compatIoas === null ? null : objectOf(context, context.compatIoas, 'ioas');
  const taken = ioas?.iopt.reserved.find((each) =>
    ranges.some(({ start, last }) => start <= each.last && each.start <= last),
  );
  return taken === undefined ? null : `GET_INFO's ranges have ${text(taken)} in them, which is reserved`;
}

/** Version, extensions, and the kinds of IOMMU that there are. */
function kinds({ call, areas }: Asked, { result }: Transition): string | null {
  switch (call.command) {
    case 'compatApiVersion':
      return result.ok && result.out.ret === 0 ? null : 'the version of the interface is not 0';
    case 'compatCheckExtension': {
      const expected = EXTENSIONS.get(call.args.extension);
      if (expected === undefined || (result.ok && result.out.ret === expected)) return null;
      return `CHECK_EXTENSION of ${call.args.extension} is not ${expected}`;
    }
    case 'compatSetIommu': {
      const { type } = call.args;
      const isKind = type === VFIO_EXTENSION.TYPE1 || type === VFIO_EXTENSION.TYPE1V2;
      if (!isKind) return !result.ok && result.errno === 'EINVAL' ? null : `SET_IOMMU takes ${type}`;
      return areas === null || result.ok || type === VFIO_EXTENSION.TYPE1
        ? null
        : `SET_IOMMU of TYPE1v2 is refused with ${result.errno}`;
    }
    default:
      return null;
  }
}

/** Without an IOAS that stands for the container there is nothing to map into. */
function without({ call, areas }: Asked, { result }: Transition): string | null {
  const needs =
    call.command === 'compatMapDma' || call.command === 'vfioUnmapDma' || call.command === 'compatGetInfo';
  return areas === null && needs && result.ok ? `${call.command} succeeds without a container` : null;
}

export const compatActsAsType1: StepProperty = {
  id: 'compat-acts-as-type1',
  sentence:
    'Container calls on /dev/iommu keep what linux/vfio.h says of type 1: which extensions and kinds there are, what is mapped and unmapped, and what sizes, ranges and bytes are told.',
  source:
    'linux/vfio.h: VFIO_CHECK_EXTENSION, VFIO_IOMMU_GET_INFO, _MAP_DMA, _UNMAP_DMA; drivers/iommu/iommufd/vfio_compat.c',
  kind: 'step',
  appliesTo: ({ mediated }) => mediated !== undefined,
  brokenBy: 'compat-map-without-protection',
  violated(transition) {
    const asked = askedOf(transition);
    if (asked === null) return null;
    return (
      without(asked, transition) ??
      kinds(asked, transition) ??
      mapped(asked, transition) ??
      unmapped(asked, transition) ??
      info(asked, transition)
    );
  },
  witness: (transition) => askedOf(transition)?.call.command === 'compatMapDma' && transition.result.ok,
};
