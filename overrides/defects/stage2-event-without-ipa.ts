import type { Override } from '../../model/rules.ts';

/** The fault carried the VA in its place. */
export const stage2EventWithoutIpa: Override = {
  name: 'stage2-event-without-ipa',
  kind: 'defect',
  summary: 'an event of stage 2 does not say the IPA',
  source: 'hw/arm/smmu: Fix IPA for stage-2 events (QEMU 48f9e9eb29)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { reportedIpa: () => 0n } },
};
