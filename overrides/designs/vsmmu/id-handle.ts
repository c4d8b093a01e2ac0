import type { Override } from '../../../model/rules.ts';
import { registersInherited } from './inherit.ts';

/**
 * The operator names the physical IOMMU of each vSMMU, and that alone is compared at plug. The kernel takes no such
 * name where it wants a device, so the registers still come from the first device.
 */
export const iommuIdIsHandle: Override = {
  name: 'iommu-id-is-handle',
  kind: 'design',
  summary: 'the operator assigns an IOMMU id to each vSMMU; a device fits if the kernel tells the same id',
  source:
    'seed 000, Shameer Kolothum: "Qemu checks whether the assigned id matches with whatever the kernel tell it"',
  rules: {
    vmm: {
      ...registersInherited.rules.vmm,
      asksWithoutDevice: 'iommu-id',
      plugObjections: (_registers, iommu, properties) =>
        iommu.name === properties.iommu ? [] : [`IOMMU ${iommu.name}, not ${properties.iommu}`],
    },
  },
};
