import type { CommandArgs } from '../../model/world/command.ts';
import { DMA_UNMAP_ALL } from '../../spec/iommufd/compat.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { objectOf } from '../look.ts';
import { type Answer, refusal } from './answer.ts';
import { wrongAreas } from './areas.ts';
import { type At, takenBetween } from './ioas.ts';

/** Bytes of struct vfio_iommu_type1_dma_unmap without what follows its last member. */
const UNMAP_BYTES = 24;

/** VFIO_IOMMU_UNMAP_DMA on /dev/iommu (linux/vfio.h). Where mappings may be cut, `unmap-reports-what-it-took` says enough. */
function vfioUnmapDma(at: At, { argsz, flags, iova, length }: CommandArgs['vfioUnmapDma']): Answer {
  if (argsz < UNMAP_BYTES || (flags & ~DMA_UNMAP_ALL) !== 0) return refusal('EINVAL');
  const id = at.context.compatIoas;
  const ioas = id === null ? null : objectOf(at.context, id, 'ioas');
  if (id === null || ioas === null) return refusal('ENODEV');
  const all = flags === DMA_UNMAP_ALL;
  if (all && (iova !== 0n || length !== 0n)) return refusal('EINVAL');
  if (!all && ioas.iopt.hugePagesDisabled) return null;
  if (!all && length === 0n) return refusal('EINVAL');
  const last = all ? ULONG_MAX : iova + length - 1n;
  if (last > ULONG_MAX) return refusal('EOVERFLOW');
  const { bytes, errno, left } = takenBetween(at, id, ioas, iova, last);
  return {
    errno,
    out: { length: bytes },
    wrongIn: (transition) => wrongAreas(transition, { ctx: at.ctx, id }, left),
  };
}

export const COMPAT_ANSWERS = { vfioUnmapDma } as const;
