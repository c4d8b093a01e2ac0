import type { Override } from '../../model/rules.ts';

/** The low bits of the base count only as far as the table is small. */
export const streamTableNotAligned: Override = {
  name: 'stream-table-not-aligned',
  kind: 'defect',
  summary: 'a stream table is looked for at its base as written, not at the base aligned to its size',
  source: 'hw/arm/smmuv3: Align stream table base address to table size (QEMU 41678c33aa)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { streamTableAt: (base) => base } },
};
