import type { EmulatedHardware, GuestWords } from '../../platform/emulated.ts';

/** The key of the word at an address. */
export function wordKey(address: bigint): string {
  return address.toString(16);
}

const HIGHER_HALF = 4n;

/** The 64-bit word at an address of the guest's memory; undefined: there is no memory. */
export function guestWord(
  { ram }: EmulatedHardware,
  memory: GuestWords,
  address: bigint,
): bigint | undefined {
  if (ram !== undefined && (address < ram.first || address >= ram.end)) return undefined;
  const stored = memory[wordKey(address)];
  if (stored !== undefined || ram?.stamped === undefined) return stored ?? 0n;
  const { first, end } = ram.stamped;
  return address >= first && address < end ? address | ((address + HIGHER_HALF) << 32n) : 0n;
}

/** The four bytes at an address of the guest's memory, as a number; undefined: there is no memory. */
export function guestHalf(
  hardware: EmulatedHardware,
  memory: GuestWords,
  address: bigint,
): number | undefined {
  const word = guestWord(hardware, memory, address & ~7n);
  return word === undefined ? undefined : Number((word >> ((address & HIGHER_HALF) * 8n)) & 0xffff_ffffn);
}
