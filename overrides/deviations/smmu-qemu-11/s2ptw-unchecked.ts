import type { SmmuDeviation } from './smmu-deviation.ts';

export const s2ptwUnchecked: SmmuDeviation = {
  name: 's2ptw-unchecked',
  kind: 'deviation',
  summary: 'STE.S2PTW is not checked: stage-1 tables are walked in what stage 2 calls Device memory.',
  source: 'QEMU 11.1.3 observation "nested: S2PTW=1, TTB page is Device in S2"; IHI0070 5.2',
  rules: { smmuArchitecture: { checksS2ptw: false } },
};
