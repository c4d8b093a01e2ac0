import type { Override } from '../../model/rules.ts';

/** VT-d had its like when a context entry in use was changed without a flush of the devTLB. */
export const detachKeepsAtc: Override = {
  name: 'detach-keeps-atc',
  kind: 'defect',
  summary: 'a device that is detached, or moved, keeps what its ATC holds',
  source:
    'the SMMUv3 form of iommu/vt-d: Global devTLB flush when present context entry changed (2021-07); arm_smmu_attach_commit()',
  foundBy: 'ats-off-leaves-no-atc',
  rules: { smmuMachine: { moveInvalidatesAtc: false } },
};
