import type { Override } from '../../model/rules.ts';

/** The round-up to the alignment was not checked: near ULONG_MAX it wraps to 0, outside every allowed range. */
export const iovaAlignOverflow: Override = {
  name: 'iova-align-overflow',
  kind: 'defect',
  summary: 'an automatic IOVA near the end of the address space wraps around',
  source: 'iommufd: Prevent ALIGN() overflow (2025-07-18, syzbot c2f65e2801743ca64e08)',
  foundBy: 'automatic-iova-is-allowed',
  rules: {
    iommufd: { alignIova: (start, alignment) => BigInt.asUintN(64, (start + alignment - 1n) & -alignment) },
  },
};
