import { sameState } from '../../model/world/equal.ts';
import { hasSeveralDomains } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { domainsIn, hex } from './look.ts';

export const containerRequestsGoWhereMapped: StateProperty = {
  id: 'container-requests-go-where-mapped',
  sentence:
    'Every group of a container reaches exactly what MAP_DMA has mapped and UNMAP_DMA has not unmapped, whenever it was added.',
  source: 'Documentation/driver-api/vfio.rst; drivers/vfio/vfio_iommu_type1.c: vfio_iommu_replay()',
  kind: 'state',
  appliesTo: hasSeveralDomains,
  brokenBy: 'late-domain-left-empty',
  violated(world) {
    for (const { container, domain } of domainsIn(world)) {
      if (sameState(domain.mapped, container.mappings)) continue;
      const missing = container.mappings.find(
        ({ iova }) => !domain.mapped.some((each) => each.iova === iova),
      );
      const what = missing === undefined ? 'something that is not mapped' : `nothing at ${hex(missing.iova)}`;
      return `group ${domain.groups.join(', ')} reaches ${what}`;
    }
    return null;
  },
  witness: (world) =>
    domainsIn(world).some(({ container }) => container.domains.length > 1 && container.mappings.length > 0),
};
