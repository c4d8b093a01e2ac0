import type { Override } from '../../model/rules.ts';

/** The StreamID was compared with what the SMMU could have, not with the table that the guest has: QEMU read past its end. */
export const streamTableSizeIgnored: Override = {
  name: 'stream-table-size-ignored',
  kind: 'defect',
  summary: 'a StreamID past the end of the stream table is looked up all the same',
  source: 'hw/arm/smmuv3: Check stream IDs against actual table LOG2SIZE (QEMU 05ff2fb80c)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { streamTableBits: (_log2Size, sidSize) => sidSize } },
};
