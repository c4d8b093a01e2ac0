import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { Ioas } from '../../model/iommufd/objects.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import type { Errno } from '../../spec/errno.ts';
import { DMA_UNMAP_ALL } from '../../spec/iommufd/compat.ts';
import { IOAS_MAP, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { objectOf } from '../look.ts';
import { type Answer, refusal } from './answer.ts';
import { wrongAreas } from './areas.ts';
import { alignmentOf, mapped, takenBetween } from './ioas.ts';
import type { At } from './place.ts';

/** Bytes of struct vfio_iommu_type1_dma_unmap without what follows its last member. */
const UNMAP_BYTES = 24;

/** struct vfio_iommu_type1_dma_map. */
const MAP = { BYTES: 32, READ: 1, WRITE: 2 } as const;

/** The IOAS that stands for the container. */
function containerOf({ context }: At): { readonly id: number; readonly ioas: Ioas } | null {
  const id = context.compatIoas;
  const ioas = id === null ? null : objectOf(context, id, 'ioas');
  return id === null || ioas === null ? null : { id, ioas };
}

/** VFIO_IOMMU_MAP_DMA on /dev/iommu (linux/vfio.h): "READ &/ WRITE required", at the address that is given. */
function compatMapDma(at: At, { argsz, flags, vaddr, iova, length }: CommandArgs['compatMapDma']): Answer {
  const { BYTES, READ, WRITE } = MAP;
  if (argsz < BYTES || (flags & ~(READ | WRITE)) !== 0 || flags === 0) return refusal('EINVAL');
  const container = containerOf(at);
  if (container === null) return refusal('ENODEV');
  if (vaddr + length > ULONG_MAX) return refusal('EOVERFLOW');
  const { READABLE, WRITEABLE, FIXED_IOVA } = IOAS_MAP;
  const access = ((flags & READ) === 0 ? 0 : READABLE) | ((flags & WRITE) === 0 ? 0 : WRITEABLE);
  const stretch = { va: vaddr, length, pagesWriteable: (flags & WRITE) !== 0 };
  const wish = { flags: FIXED_IOVA | access, iova, length, out: null };
  return mapped(at, container.id, container.ioas, [stretch], wish);
}

/** VFIO_IOMMU_UNMAP_DMA on /dev/iommu (linux/vfio.h). */
function vfioUnmapDma(at: At, { argsz, flags, iova, length }: CommandArgs['vfioUnmapDma']): Answer {
  if (argsz < UNMAP_BYTES || (flags & ~DMA_UNMAP_ALL) !== 0) return refusal('EINVAL');
  const container = containerOf(at);
  if (container === null) return refusal('ENODEV');
  const { id, ioas } = container;
  const all = flags === DMA_UNMAP_ALL;
  if (all && (iova !== 0n || length !== 0n)) return refusal('EINVAL');
  const last = all ? ULONG_MAX : iova + length - 1n;
  const pieces =
    all || !ioas.iopt.hugePagesDisabled
      ? ioas.iopt.areas
      : cutAt([last, iova - 1n], ioas.iopt.areas, alignmentOf(at, id, ioas));
  if (typeof pieces === 'string') return refusal(pieces);
  if (!all && length === 0n) return refusal('EINVAL');
  if (last > ULONG_MAX) return refusal('EOVERFLOW');
  const { bytes, errno, left } = takenBetween(at, id, pieces, iova, last);
  return {
    errno,
    out: { length: bytes },
    wrongIn: (transition) => wrongAreas(transition, { ctx: at.ctx, id }, left),
  };
}

/**
 * TYPE1 could unmap a part of a mapping: areas are cut behind these addresses first (iopt_cut_iova()), or the call is refused. Behind
 * the first byte of an area none is cut.
 */
function cutAt(lasts: readonly bigint[], areas: readonly Area[], alignment: bigint): readonly Area[] | Errno {
  const pieces = [...areas];
  for (const last of lasts) {
    const at = pieces.findIndex((each) => each.start < last && last < each.last);
    const area = pieces[at];
    if (area === undefined) continue;
    const start = last + 1n;
    const va = area.va + start - area.start;
    if (area.filling === true) return 'EBUSY';
    if (area.dmabuf !== undefined) return 'EOPNOTSUPP';
    if (start % alignment !== 0n || va % alignment !== 0n) return 'EINVAL';
    pieces.splice(at, 1, { ...area, last }, { ...area, start, va });
  }
  return pieces;
}

export const COMPAT_ANSWERS = { compatMapDma, vfioUnmapDma } as const;
