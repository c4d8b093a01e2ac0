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
