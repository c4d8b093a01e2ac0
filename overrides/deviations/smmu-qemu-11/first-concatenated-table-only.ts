import { lowMask } from '../../../spec/smmuv3/address.ts';
import type { SmmuDeviation } from './smmu-deviation.ts';

export const firstConcatenatedTableOnly: SmmuDeviation = {
  name: 'first-concatenated-table-only',
  kind: 'deviation',
  summary:
    'Of concatenated stage-2 tables only the first is used: IPA bits above one table are dropped from the index.',
  source: 'QEMU 11.1.3 observation "S2-only 2M block via 2nd concatenated L1 table"; Arm ARM D8.2.2',
  rules: {
    smmuArchitecture: {
      // The number of the table is added before S2TTB is aligned to all of them, which takes it away again.
      stage2FirstDescriptor: (s2ttb, alignment, index, stride) => {
        const table = (index >> BigInt(stride)) << BigInt(stride + 3);
        return ((s2ttb + table) & ~alignment) + ((index & lowMask(stride)) << 3n);
      },
    },
  },
};
