import type { Container, ContainerType, DmaMapping } from '../../../model/legacy/machine.ts';
import type { CommandArgs } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import type { Errno } from '../../../spec/errno.ts';
import { DMA_MAP, DMA_UNMAP, VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
import { type Answer, refusal } from '../../answers/answer.ts';
import { hex } from '../../look.ts';
import type { Transition, Violation } from '../../property.ts';
import { type At, canHave, cannotAttach, openContainer, pageOf } from './at.ts';

/** Bytes of the structs of linux/vfio.h: vfio_iommu_type1_dma_map, _dma_unmap, and of vfio_iommu_type1_info what must be there. */
const STRUCT = { MAP: 32, UNMAP: 24, INFO_LEAST: 16, INFO: 24 } as const;

/** Bytes of the capabilities behind vfio_iommu_type1_info: migration, DMA entries, the header of IOVA ranges, each of these. */
const CAPABILITY = { MIGRATION: 32, DMA_AVAIL: 16, RANGES: 16, RANGE: 16 } as const;

const U64 = 1n << 64n;

const { TYPE1, TYPE1V2, TYPE1_NESTING, UNMAP_ALL, UPDATE_VADDR, DMA_CC } = VFIO_EXTENSION;

const TYPES: ReadonlyMap<number, ContainerType> = new Map([
  [TYPE1, 'type1'],
  [TYPE1V2, 'type1v2'],
]);

function at(world: World, index: number): Container | null {
  return world.legacy?.containers[index] ?? null;
}

function containerOpen({ machine, platform }: At): Answer {
  const free = machine.containers.indexOf(null);
  const index = free < 0 ? machine.containers.length : free;
  if (index >= platform.containers) return refusal('ENOMEM');
  return {
    errno: null,
    out: { container: index },
    wrongIn({ world }) {
      const made = at(world, index);
      return made?.opened === true && made.groups.length === 0 && made.type === null
        ? null
        : `container ${index} is not as a new one is`;
    },
  };
}

function containerClose(before: At, { container: index }: CommandArgs['containerClose']): Answer {
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  const stays = container.groups.length > 0;
  return {
    errno: null,
    wrongIn({ world }) {
      const now = at(world, index);
      return (now !== null) === stays && now?.opened !== true
        ? null
        : `container ${index} is closed; groups ${stays ? 'keep' : 'no longer keep'} it`;
    },
  };
}

/** VFIO_CHECK_EXTENSION: "0 if not supported". Kernels differ in whether containers nest. */
function containerCheckExtension(
  before: At,
  { container: index, extension }: CommandArgs['containerCheckExtension'],
): Answer {
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  if (extension === TYPE1_NESTING) return null;
  const always = extension === TYPE1 || extension === TYPE1V2 || extension === UNMAP_ALL;
  const coherent = container.domains.every(
    ({ iommu }) => before.platform.iommus[iommu]?.enforcesCoherency === true,
  );
  const typed = extension === UPDATE_VADDR || (extension === DMA_CC && coherent);
  return { errno: null, out: { supported: always || (typed && container.type !== null) ? 1 : 0 } };
}

/** VFIO_SET_IOMMU, of a container with a group in it, once. An extension that is no type is EINVAL, what is none at all ENODEV. */
function containerSetIommu(
  before: At,
  { container: index, type: wanted }: CommandArgs['containerSetIommu'],
): Answer {
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  if (container.groups.length === 0 || container.type !== null) return refusal('EINVAL');
  if (wanted === TYPE1_NESTING) return null;
  const type = TYPES.get(wanted);
  if (type === undefined) return refusal(wanted === UNMAP_ALL ? 'EINVAL' : 'ENODEV');
  for (const group of container.groups) {
    const errno = cannotAttach(before, { ...container, type }, group);
    if (errno !== null) return refusal(errno);
  }
  return {
    errno: null,
    wrongIn({ world }) {
      const now = at(world, index);
      const behind = new Set(container.groups.map((group) => before.platform.groups[group]?.iommu));
      const domains = now?.domains.map(({ iommu }) => iommu) ?? [];
      const isRight =
        now?.type === type && domains.length === behind.size && domains.every((each) => behind.has(each));
      return isRight
        ? null
        : `container ${index} is to be ${type}, with a domain for each IOMMU of its groups`;
    },
  };
}

/** VFIO_IOMMU_MAP_DMA. */
function containerMapDma(before: At, args: CommandArgs['containerMapDma']): Answer {
  const { container: index, argsz, flags, vaddr, iova, length: size } = args;
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  if (container.type === null) return refusal('EINVAL');
  const { READ, WRITE, VADDR } = DMA_MAP;
  if (argsz < STRUCT.MAP || (flags & ~(READ | WRITE | VADDR)) !== 0 || size === 0n) return refusal('EINVAL');
  if (iova + size > U64 || vaddr + size > U64) return wraps();
  const again = (flags & VADDR) !== 0;
  const allows = (flags & (READ | WRITE)) !== 0;
  const page = pageOf(before, container);
  if (allows === again || [size, iova, vaddr].some((each) => each % page !== 0n)) return refusal('EINVAL');
  const last = iova + size - 1n;
  const met = container.mappings.find((each) => each.iova <= last && each.iova + each.size > iova);
  if (again) {
    if (met === undefined) return refusal('ENOENT');
    if (met.lost !== true || met.iova !== iova || met.size !== size) return refusal('EINVAL');
    const { read, write } = met;
    const others = container.mappings.filter((each) => each !== met);
    return mappedAs(index, [...others, { iova, size, vaddr, read, write }]);
  }
  const errno = cannotMap(before, container, met, { iova, last, vaddr });
  if (errno !== null) return refusal(errno);
  const mapping = { iova, size, vaddr, read: (flags & READ) !== 0, write: (flags & WRITE) !== 0 };
  return mappedAs(index, [...container.mappings, mapping]);
}

function cannotMap(
  before: At,
  { mappings, groups, domains }: Container,
  met: DmaMapping | undefined,
  { iova, last, vaddr }: { readonly iova: bigint; readonly last: bigint; readonly vaddr: bigint },
): Errno | null {
  if (met !== undefined) return 'EEXIST';
  if (mappings.length >= before.platform.dmaEntries) return 'ENOSPC';
  if (!groups.every((group) => canHave(before, group, { start: iova, last }))) return 'EINVAL';
  const { memory } = before.platform;
  if (vaddr < memory.start || vaddr + (last - iova) > memory.last) return 'EFAULT';
  const { pageSize } = before.whole.kernel;
  const hasDoorbell = domains.some(({ cookie }) =>
    cookie?.pages.some((_, nth) => {
      const place = cookie.kind === 'msi' ? cookie.start + BigInt(nth) * pageSize : null;
      return place !== null && place <= last && place + pageSize > iova;
    }),
  );
  return hasDoorbell ? 'EEXIST' : null;
}

/** Kernels say EINVAL or EOVERFLOW of a range that wraps around. */
function wraps(): Answer {
  return { errno: 'EINVAL', or: 'EOVERFLOW' };
}

/** VFIO_IOMMU_UNMAP_DMA. */
function containerUnmapDma(before: At, args: CommandArgs['containerUnmapDma']): Answer {
  const { container: index, argsz, flags, iova, length: size } = args;
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  const { ALL, VADDR } = DMA_UNMAP;
  if (container.type === null || argsz < STRUCT.UNMAP || (flags & ~(ALL | VADDR)) !== 0)
    return refusal('EINVAL');
  const page = pageOf(before, container);
  const all = (flags & ALL) !== 0;
  if (iova % page !== 0n || size % page !== 0n || (size === 0n) !== all || (all && iova !== 0n))
    return refusal('EINVAL');
  const end = all ? U64 : iova + size;
  if (end > U64) return wraps();
  let going = container.mappings.filter((each) => each.iova < end && each.iova + each.size > iova);
  const cutAtStart = going.some((each) => each.iova < iova);
  if (container.type === 'type1') going = cutAtStart ? [] : going;
  else if (cutAtStart || going.some((each) => each.iova + each.size > end)) return refusal('EINVAL');
  const length = going.reduce((sum, each) => sum + each.size, 0n);
  if ((flags & VADDR) === 0) {
    const left = container.mappings.filter((each) => !going.includes(each));
    return { ...mappedAs(index, left), out: { length } };
  }
  if (going.some(({ lost }) => lost === true)) return refusal('EINVAL');
  const changed = container.mappings.map((each) =>
    going.includes(each) ? { ...each, lost: true as const } : each,
  );
  return { ...mappedAs(index, changed), out: { length } };
}

/** What a container, and each of its domains, is to map behind a call. */
function mappedAs(
  index: number,
  expected: readonly DmaMapping[],
): { readonly errno: null; readonly wrongIn: (transition: Transition) => Violation } {
  const sorted = expected.toSorted((a, b) => (a.iova < b.iova ? -1 : 1));
  return {
    errno: null,
    wrongIn({ world, command }) {
      const now = at(world, index);
      if (now === null) return `container ${index} is gone after ${command.command}`;
      const lists = [now.mappings, ...now.domains.map(({ mapped }) => mapped)];
      for (const list of lists) {
        const wrong = sorted.find((each, nth) => !isSame(each, list[nth])) ?? list[sorted.length];
        if (wrong !== undefined)
          return `after ${command.command}, container ${index} does not map ${hex(wrong.iova)} as it should`;
      }
      return null;
    },
  };
}

function isSame(a: DmaMapping, b: DmaMapping | undefined): boolean {
  return (
    a.iova === b?.iova &&
    a.size === b.size &&
    a.vaddr === b.vaddr &&
    a.read === b.read &&
    a.write === b.write &&
    a.lost === b.lost
  );
}

/** VFIO_IOMMU_GET_INFO; the ranges themselves are those of `container-iova-ranges-exact`. */
function containerGetInfo(before: At, { container: index, argsz }: CommandArgs['containerGetInfo']): Answer {
  const container = openContainer(before, index);
  if (container === null) return refusal('EBADF');
  if (container.type === null || argsz < STRUCT.INFO_LEAST) return refusal('EINVAL');
  const iovaPgsizes = pageOf(before, container);
  return {
    errno: null,
    out: { iovaPgsizes },
    wrongIn({ result: { out } }) {
      const { data } = out;
      const ranges = Array.isArray(data) ? data.length / 2 : null;
      const { MIGRATION, DMA_AVAIL, RANGES, RANGE } = CAPABILITY;
      if (ranges === null)
        return Number(out.argsz) > argsz
          ? null
          : `GET_INFO leaves the ranges out, for which ${argsz} bytes are enough`;
      const needed = STRUCT.INFO + MIGRATION + DMA_AVAIL + RANGES + RANGE * ranges;
      if (needed > argsz) return `GET_INFO gives ${ranges} ranges, for which ${argsz} bytes are too few`;
      const left = before.platform.dmaEntries - container.mappings.length;
      return out.dmaAvail === left
        ? null
        : `GET_INFO says that ${out.dmaAvail} mappings can be had, which are ${left}`;
    },
  };
}

export const CONTAINER_ANSWERS = {
  containerCheckExtension,
  containerClose,
  containerGetInfo,
  containerMapDma,
  containerOpen,
  containerSetIommu,
  containerUnmapDma,
} as const;
