import { rescanProbed } from './host/rescan.ts';
import { dma } from './smmu/machine/dma.ts';
import { vtdDma } from './vtd/machine/dma.ts';
import { rescan } from './vtd/machine/rescan.ts';
import type { Handlers } from './world/machine.ts';

/** What the IOMMU in front of the acting device answers: an SMMUv3, or a DMA remapping unit. */
export const BY_IOMMU: Handlers<'dma' | 'rescan'> = {
  dma: (tx, args, actor) => (tx.world.vtd === null ? dma(tx, args, actor) : vtdDma(tx, args, actor)),
  rescan: (tx, _args, actor) => (tx.world.vtd === null ? rescanProbed(tx, actor) : rescan(tx, actor)),
};
