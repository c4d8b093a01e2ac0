const ALL = (1n << 64n) - 1n;

const beyondMasks = Array.from({ length: 65 }, (_, bits) => ALL & ~((1n << BigInt(bits)) - 1n));

/** The bits of a 64-bit address from bit `bits` on. */
export function beyond(bits: number): bigint {
  return beyondMasks[Math.min(bits, 64)] ?? 0n;
}

/** The bits below bit `bits`. */
export function below(bits: number): bigint {
  return ALL & ~beyond(bits);
}

/** log2 of what one entry of a level maps; level 1 maps pages of 4 KiB. */
export function levelShift(level: number): number {
  return 12 + 9 * (level - 1);
}

const shifts = Array.from({ length: 64 }, (_, bits) => BigInt(bits));

/** Where in its table the entry for an address lies, in bytes. */
export function entryOffset(address: bigint, level: number): bigint {
  return ((address >> (shifts[levelShift(level)] ?? 0n)) & 0x1ffn) << 3n;
}

/** Messages to interrupt controllers: 0xFEEx_xxxx (VT-d 3.14). */
export const INTERRUPT_FIRST = 0xfee0_0000n;
export const INTERRUPT_LAST = 0xfeef_ffffn;

export function isInterrupt(address: bigint): boolean {
  return address >= INTERRUPT_FIRST && address <= INTERRUPT_LAST;
}
