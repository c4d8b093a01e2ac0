import type { SmmuDeviation } from './smmu-deviation.ts';

export const ap1Ignored: SmmuDeviation = {
  name: 'ap1-ignored',
  kind: 'deviation',
  summary:
    'AP[1], APTable[0] and CD.PAN are ignored: every access has the rights of a privileged one, though events say PnU = 0.',
  source: 'QEMU 11.1.3 vectors; Arm ARM D8.4',
  rules: { smmuArchitecture: { distinguishesPrivilege: false } },
};
