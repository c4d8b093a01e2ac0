import type { Override } from '../../../model/rules.ts';
import { registersInherited } from './inherit.ts';

/** A vSMMU can be like a pSMMU without a device of it, since any process may ask any IOMMU's driver. */
export const driverWithoutDevice: Override = {
  name: 'driver-without-device',
  kind: 'design',
  summary: "a VMM asks the host's IOMMU driver for the ID registers, without a device",
  source: 'seed 000, Shameer Kolothum: "something like the vfio_register_iommu_driver() for iommufd"',
  rules: {
    vmm: { ...registersInherited.rules.vmm, asksWithoutDevice: 'driver', driverAnswersWithoutDevice: true },
  },
};
