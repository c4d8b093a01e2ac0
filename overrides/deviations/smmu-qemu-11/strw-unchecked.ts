import type { SmmuDeviation } from './smmu-deviation.ts';

export const strwUnchecked: SmmuDeviation = {
  name: 'strw-unchecked',
  kind: 'deviation',
  summary: 'STE.STRW is not checked: an EL2 stream is accepted without IDR0.HYP.',
  source: 'QEMU 11.1.3 observation "STE s1, STRW=EL2 (IDR0.HYP=0), CD.V=0"; IHI0070 5.2',
  rules: { smmuArchitecture: { checksStrw: false } },
};
