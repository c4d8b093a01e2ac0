import type { SmmuDeviation } from './smmu-deviation.ts';

export const ipaKeepsLowBits: SmmuDeviation = {
  name: 'ipa-keeps-low-bits',
  kind: 'deviation',
  summary: 'The IPA of an event keeps its low twelve bits.',
  source: 'QEMU 11.1.3 observation "nested: S2 translation fault on final IPA"; IHI0070 7.3.13, IPA[51:12]',
  rules: { smmuArchitecture: { reportedIpa: (ipa) => ipa } },
};
