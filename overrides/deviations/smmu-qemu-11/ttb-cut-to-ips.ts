import { lowMask } from '../../../spec/smmuv3/address.ts';
import type { SmmuDeviation } from './smmu-deviation.ts';

export const ttbCutToIps: SmmuDeviation = {
  name: 'ttb-cut-to-ips',
  kind: 'deviation',
  summary: 'The physical address that stage 2 gave for a TTB is cut to CD.IPS, which bounds the IPA only.',
  source: 'QEMU 11.1.3 vectors; IHI0070 3.4',
  rules: { smmuArchitecture: { firstDescriptorAddress: (address, ips) => address & lowMask(ips) } },
};
