import type { Override } from '../../model/rules.ts';

export const doorbellLostOnReplace: Override = {
  name: 'doorbell-lost-on-replace',
  kind: 'defect',
  summary: 'a replace does not map the doorbells that the group needs into the new domain',
  source:
    'drivers/iommu/iommufd/device.c: iommufd_group_setup_msi() in iommufd_device_do_replace(), left out',
  rules: { msi: { replaceKeepsDoorbells: false } },
};
