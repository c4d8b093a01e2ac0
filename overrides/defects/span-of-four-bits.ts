import type { Override } from '../../model/rules.ts';

/** A reserved Span, whose range is invalid, was read as a small one. */
export const spanOfFourBits: Override = {
  name: 'span-of-four-bits',
  kind: 'defect',
  summary: 'L1STD.Span is read as four bits wide',
  source: 'hw/arm/smmuv3: Fix up L1STD_SPAN decoding (QEMU d9aad887e8)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { spanOf: (field) => field & 0xf } },
};
