import { attachmentOf } from '../../model/smmu/driver/domains.ts';
import { runsOfDomain } from '../../model/smmu/machine/mappings.ts';
import { isWithin, type Usable, usableBy } from '../../model/smmu/machine/reach.ts';
import { type Stream, streamsOf } from '../../model/smmu/machine/streams.ts';
import { viewOf } from '../../model/smmu/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';
import { followsCaches } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { entryName, streamName } from './caches.ts';

/** The translation by which a stream may reach what its IOAS does not map; null where there is none. */
function strayOf(world: World, stream: Stream): Usable | null {
  const attachment = attachmentOf(world, world.platform.devices[stream.device]?.group ?? -1);
  const allowed = attachment.kind === 'abort' ? [] : runsOfDomain(world, attachment.ref);
  return usableBy(world, viewOf(world), stream).find((hit) => !isWithin(hit, allowed)) ?? null;
}

export const dmaStaysInIoas: StateProperty = {
  id: 'dma-stays-in-ioas',
  sentence:
    "DMA of a guest's devices reaches only memory that their IOAS maps now, and their MSI doorbell, whatever the guest writes and caches hold.",
  source: 'Documentation/userspace-api/iommufd.rst; IHI0070 3.17, 4.4; arm_smmu_domain_inv_range()',
  kind: 'state',
  appliesTo: followsCaches,
  brokenBy: 's2-unmap-keeps-nested',
  violated(world) {
    // A call that is still at work has not promised anything yet: dma-between-writes-is-old-or-new looks at it.
    if (world.machine === null || world.machine.work !== null) return null;
    for (const stream of streamsOf(world.platform)) {
      const stray = strayOf(world, stream);
      if (stray !== null) return `${streamName(world, stream)} may use ${entryName(world, stray)}`;
    }
    return null;
  },
  witness: (world) => world.machine?.stale.some(({ cache }) => cache === 'tlb') ?? false,
};
