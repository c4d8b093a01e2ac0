import type { SmmuDeviation } from './smmu-deviation.ts';

export const s2HardwareUpdatesUnchecked: SmmuDeviation = {
  name: 's2-hardware-updates-unchecked',
  kind: 'deviation',
  summary: 'STE.S2HA and S2HD are ignored instead of illegal without IDR0.HTTU.',
  source: 'QEMU hw/arm/smmuv3.c, stage-2 decoding; no recording; IHI0070 5.2',
  rules: { smmuArchitecture: { checksStage2HardwareUpdates: false } },
};
