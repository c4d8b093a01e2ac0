import type { SmmuDeviation } from './smmu-deviation.ts';

export const tableBaseTranslatedOnly: SmmuDeviation = {
  name: 'table-base-translated-only',
  kind: 'deviation',
  summary:
    'Only the base of a stage-1 table goes through stage 2; its descriptors are read at physical offsets from there, over page boundaries of stage 2.',
  source: 'QEMU 11.1.3 vectors; IHI0070 3.3.2',
  rules: {
    smmuArchitecture: {
      descriptorAddress: ({ table, alignment, offset }, translate) => {
        const address = translate(table);
        return typeof address === 'bigint' ? (address & ~alignment) + offset : address;
      },
    },
  },
};
