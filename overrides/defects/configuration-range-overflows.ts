import type { Override } from '../../model/rules.ts';

/** The end of the range did not fit 32 bits, so it came before the beginning. */
export const configurationRangeOverflows: Override = {
  name: 'configuration-range-overflows',
  kind: 'defect',
  summary: 'CFGI_ALL, a range of 2^32 StreamIDs, invalidates none',
  source: 'hw/arm/smmuv3: Fix SMMU_CMD_CFGI_STE_RANGE handling (QEMU 1194140b7f)',
  foundBy: 'emulation-invalidates-what-it-is-told',
  rules: {
    smmuArchitecture: {
      rangeConfigurations: (start, range) => ({
        first: start,
        last: ((start + 2 ** (range + 1)) % 2 ** 32) - 1,
      }),
    },
  },
};
