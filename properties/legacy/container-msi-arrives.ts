import { domainOf } from '../../model/legacy/reach.ts';
import { hasGroupVectors } from '../msi/platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstGroupVector, strayOf } from './vectors.ts';

export const containerMsiArrives: StateProperty = {
  id: 'container-msi-arrives',
  sentence:
    "Every enabled vector of a device in a container, or of a host driver, reaches the doorbell of the device's own ITS with the host's data, in whatever order groups were added.",
  source:
    'drivers/iommu/dma-iommu.c: iommu_get_msi_cookie(), "to cover every MSI doorbell address used by the devices attached"; vfio_iommu_type1_attach_group()',
  kind: 'state',
  appliesTo: hasGroupVectors,
  brokenBy: 'container-cookie-of-first-group',
  violated: (world) => firstGroupVector(world, strayOf),
  witness: (world) =>
    firstGroupVector(world, ({ legacy, group, message }) =>
      message.place !== null && domainOf(legacy.machine, group) !== null ? true : null,
    ) === true,
};
