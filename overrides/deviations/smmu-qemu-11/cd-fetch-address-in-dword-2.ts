import type { SmmuDeviation } from './smmu-deviation.ts';

export const cdFetchAddressInDword2: SmmuDeviation = {
  name: 'cd-fetch-address-in-dword-2',
  kind: 'deviation',
  summary: 'F_CD_FETCH has its FetchAddr in doubleword 2 instead of 3.',
  source: 'QEMU 11.1.3 observation "CD pointer outside RAM"; IHI0070 7.3.10',
  rules: { smmuArchitecture: { cdFetchAddressWord: 2 } },
};
