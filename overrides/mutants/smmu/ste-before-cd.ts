import type { Override } from '../../../model/rules.ts';

export const steBeforeCd: Override = {
  name: 'ste-before-cd',
  kind: 'mutant',
  summary: 'an STE is written before the CD that it leads to, and that is cleared while it still does',
  source: 'arm_smmu_attach_dev() writes the CD first; breaks dma-between-writes-is-old-or-new',
  rules: { smmuDriver: { cdPrecedesSte: false } },
};
