import type { GuestRam, GuestWords } from './emulated.ts';

/** What has memory of a guest. */
export interface GuestMemory {
  /** Left out: memory is everywhere. */
  readonly ram?: GuestRam;
}

/** The key of the word at an address. */
export function wordKey(address: bigint): string {
  return address.toString(16);
}

const HIGHER_HALF = 4n;

/** The 64-bit word at an address of the guest's memory; undefined: there is no memory. */
export function guestWord({ ram }: GuestMemory, memory: GuestWords, address: bigint): bigint | undefined {
  if (ram !== undefined && (address < ram.first || address >= ram.end)) return undefined;
  const stored = memory[wordKey(address)];
  if (stored !== undefined || ram?.stamped === undefined) return stored ?? 0n;
  const { first, end } = ram.stamped;
  return address >= first && address < end ? address | ((address + HIGHER_HALF) << 32n) : 0n;
}

/** The four bytes at an address of the guest's memory, as a number; undefined: there is no memory. */
export function guestHalf(hardware: GuestMemory, memory: GuestWords, address: bigint): number | undefined {
  const word = guestWord(hardware, memory, address & ~7n);
  return word === undefined ? undefined : Number((word >> ((address & HIGHER_HALF) * 8n)) & 0xffff_ffffn);
}

/** The same memory with words stored from an address on. */
export function withWords(memory: GuestWords, address: bigint, words: readonly bigint[]): GuestWords {
  const stored: Record<string, bigint> = { ...memory };
  for (const [at, word] of words.entries()) stored[wordKey(address + BigInt(8 * at))] = word;
  return stored;
}

/** The same memory with four bytes stored; null: there is no memory. */
export function storedHalf(
  hardware: GuestMemory,
  memory: GuestWords,
  address: bigint,
  value: number,
): GuestWords | null {
  const place = address & ~7n;
  const word = guestWord(hardware, memory, place);
  if (word === undefined) return null;
  const shift = (address & HIGHER_HALF) * 8n;
  const kept = word & ~(0xffff_ffffn << shift);
  return { ...memory, [wordKey(place)]: kept | (BigInt(value >>> 0) << shift) };
}
