import type { Override } from '../../model/rules.ts';
import { listed } from '../table.ts';
import { DEVICES_MUTANTS } from './devices.ts';
import { INVALIDATION_MUTANTS } from './invalidation.ts';
import { IOMMUFD_MUTANTS } from './iommufd.ts';
import { LEGACY_MUTANTS } from './legacy.ts';
import { PASID_MUTANTS } from './pasid.ts';
import { SMMU_MUTANTS } from './smmu.ts';
import { VMM_MUTANTS } from './vmm.ts';
import { VTD_MUTANTS } from './vtd.ts';

/** Rules broken on purpose: for each property that no real bug breaks one that does, and for each step of the driver. None is a claim about a real system. */
export const MUTANTS: readonly Override[] = listed(
  IOMMUFD_MUTANTS,
  VMM_MUTANTS,
  INVALIDATION_MUTANTS,
  PASID_MUTANTS,
  LEGACY_MUTANTS,
  SMMU_MUTANTS,
  DEVICES_MUTANTS,
  VTD_MUTANTS,
);
