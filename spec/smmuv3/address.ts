import { AddressSize } from './ste.ts';

/** `lowMask(n)` is n ones, from a table: building them anew in a walk would cost more than the walk. */
const masks: readonly bigint[] = Array.from({ length: 65 }, (_, bits) => (1n << BigInt(bits)) - 1n);
const shifts: readonly bigint[] = Array.from({ length: 65 }, (_, bits) => BigInt(bits));

const ALL_BITS = (1n << 64n) - 1n;

/** The low `bits` bits set: none below 0, all 64 from there on. */
export function lowMask(bits: number): bigint {
  return masks[bits] ?? (bits > 64 ? ALL_BITS : 0n);
}

/** `bits` (0..64) as the right operand of a bigint shift. */
export function shiftBy(bits: number): bigint {
  return shifts[bits] ?? 64n;
}

/** Whether `address` needs no more than `bits` bits. */
export function fits(address: bigint, bits: number): boolean {
  return address >> shiftBy(bits) === 0n;
}

const bitsOfSize: Readonly<Record<number, number>> = {
  [AddressSize.Bits32]: 32,
  [AddressSize.Bits36]: 36,
  [AddressSize.Bits40]: 40,
  [AddressSize.Bits42]: 42,
  [AddressSize.Bits44]: 44,
  [AddressSize.Bits48]: 48,
  [AddressSize.Bits52]: 52,
};

/**
 * The bits of an address size field (IDR5.OAS, CD.IPS, STE.S2PS); to the architecture the reserved value means the largest
 * size.
 */
export function addressBits(size: number, reserved = 52): number {
  return bitsOfSize[size] ?? reserved;
}

/** log2 of a granule: 4, 16 or 64 KiB. */
export type GranuleShift = 12 | 14 | 16;

/** Bits of the address that one level of tables resolves. */
export function strideOf(granule: GranuleShift): number {
  return granule - 3;
}

/** log2 of the range that one descriptor of `level` maps. */
export function levelShift(granule: GranuleShift, level: number): number {
  return granule + (3 - level) * strideOf(granule);
}

/** Output addresses of descriptors have 48 bits: [47:shift]. */
const OUTPUT_BITS = 48;
const outputMasks: readonly bigint[] = Array.from(
  { length: OUTPUT_BITS + 1 },
  (_, shift) => lowMask(OUTPUT_BITS) & ~lowMask(shift),
);

/** The bits of a descriptor that hold an address aligned to 2^shift. */
export function outputMask(shift: number): bigint {
  return outputMasks[shift] ?? 0n;
}
