import type { Override } from '../../model/rules.ts';
import { listed } from '../table.ts';
import { ACCESS_DEFECTS } from './accesses.ts';
import { EMULATED_SMMU_DEFECTS } from './emulated-smmu.ts';
import { PROBE_DEFECTS } from './host.ts';
import { IOMMUFD_DEFECTS } from './iommufd.ts';
import { IOMMUFD_CALLS_DEFECTS } from './iommufd-calls.ts';
import { LATER_LINUX_DEFECTS, LATER_QEMU_DEFECTS } from './later.ts';
import { MSI_DEFECTS } from './msi.ts';
import { PAGE_REQUEST_DEFECTS } from './page-requests.ts';
import { PASID_DEFECTS } from './pasid.ts';
import { RECENT_DEFECTS } from './recent.ts';
import { SMMU_DEFECTS } from './smmu.ts';
import { VMM_DEFECTS } from './vmm.ts';
import { VTD_DEFECTS } from './vtd/index.ts';

/** Real bugs, fixed upstream, each as the smallest change of a rule that brings it back. */
export const DEFECTS: readonly Override[] = [
  ...listed(IOMMUFD_DEFECTS),
  ...listed(SMMU_DEFECTS),
  ...listed(IOMMUFD_CALLS_DEFECTS),
  ...listed(VMM_DEFECTS),
  ...listed(PASID_DEFECTS),
  ...listed(EMULATED_SMMU_DEFECTS),
  ...listed(MSI_DEFECTS),
  ...VTD_DEFECTS,
  ...listed(PAGE_REQUEST_DEFECTS),
  ...listed(ACCESS_DEFECTS),
  ...listed(PROBE_DEFECTS),
  ...listed(RECENT_DEFECTS),
  ...LATER_LINUX_DEFECTS,
  ...LATER_QEMU_DEFECTS,
];
