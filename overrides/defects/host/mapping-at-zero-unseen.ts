import type { Override } from '../../../model/rules.ts';

export const mappingAtZeroUnseen: Override = {
  name: 'mapping-at-zero-unseen',
  kind: 'defect',
  summary:
    "what leads to physical address 0 is taken not to be mapped, and firmware's region there is mapped again",
  source: 'iommu: Fix mapping check for 0x0 to avoid re-mapping it (Linux 7.0.1)',
  foundBy: 'found-again-is-usable',
  rules: { host: { mappingIsSeen: (physical) => physical !== 0n } },
};
