import type { Override } from '../../model/rules.ts';
import { updateEntry } from '../../model/smmu/driver/entry-update.ts';
import { STE_FORMAT } from '../../model/smmu/driver/ste-format.ts';

/** MEV and EATS counted as a second doubleword that differs: a guest that switched its stage 1 on saw C_BAD_STE. */
export const steUpdateWithoutSafeBits: Override = {
  name: 'ste-update-without-safe-bits',
  kind: 'defect',
  summary: 'an STE goes through V=0 because of bits that could change while they are in use',
  source: 'iommu/arm-smmu-v3: Add update_safe bits to fix STE update sequence (2781f2a930ab)',
  foundBy: 'entry-update-not-torn',
  rules: {
    smmuDriver: {
      steUpdate: (current, target) => updateEntry(current, target, { ...STE_FORMAT, safe: () => [] }),
    },
  },
};
