import type { SmmuDeviation } from './smmu-deviation.ts';

export const ttbsTranslatedWithCd: SmmuDeviation = {
  name: 'ttbs-translated-with-cd',
  kind: 'deviation',
  summary:
    'Both TTBs go through stage 2 when the CD is decoded, so that an unused TTB1 can fault, and keep their addresses until CFGI.',
  source:
    'QEMU 11.1.3 observation "nested: S2 of TTB0 page zapped + TLBI_S12_VMALL (no CFGI)"; IHI0070 3.3.2',
  rules: { smmuArchitecture: { translatesTtbsWithCd: true } },
};
