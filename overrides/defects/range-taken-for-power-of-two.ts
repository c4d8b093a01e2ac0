import type { Override } from '../../model/rules.ts';

/** The mask of a power of two was made from the number of pages, whatever it was, and from an address not aligned to it. */
export const rangeTakenForPowerOfTwo: Override = {
  name: 'range-taken-for-power-of-two',
  kind: 'defect',
  summary: 'an invalidation of several pages is compared as if their number were a power of two',
  source:
    'hw/arm/smmuv3: Enforce invalidation on a power of two range (QEMU 6d9cd115b9) and Another range invalidation fix (219729cfbf)',
  foundBy: 'emulation-invalidates-what-it-is-told',
  rules: { smmuArchitecture: { invalidatedPieces: (address, bytes) => [{ address, mask: bytes - 1n }] } },
};
