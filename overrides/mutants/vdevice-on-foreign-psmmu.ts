import type { Override } from '../../model/rules.ts';

/** Shows that agreement on the pSMMU is really looked at. */
export const vdeviceOnForeignPsmmu: Override = {
  name: 'vdevice-on-foreign-psmmu',
  kind: 'mutant',
  summary: 'a device can get a vDEVICE on a vIOMMU of another pSMMU',
  source: 'no such bug is known',
  rules: { iommufd: { vdeviceChecksIommu: false } },
};
