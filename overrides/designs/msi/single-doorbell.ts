import type { Override } from '../../../model/rules.ts';
import { forwardedGiova } from './forwarded-giova.ts';

/** The earlier nesting series: the guest's binding of a doorbell is handed down, and there is one doorbell to a domain. */
export const singleDoorbell: Override = {
  name: 'single-doorbell',
  kind: 'design',
  summary: 'one doorbell per nested domain, and no nesting for devices with a hardware MSI region',
  source:
    'linux-iommu 2021-04-11, SMMUv3 nested stage setup: "Nested mode single MSI doorbell per domain enforcement", "Enforce incompatibility between nested mode and HW MSI regions"',
  rules: {
    msi: { ...forwardedGiova.rules.msi, domainTakesSeveralDoorbells: false, nestsUntranslatedMsi: false },
  },
};
