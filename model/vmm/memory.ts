import type { Words } from '../world/command.ts';

/** The guest's memory as far as its vSMMUs look at it: the 64-bit words that are not zero, by ascending address. */
export type GuestMemory = readonly (readonly [address: bigint, word: bigint])[];

export const NO_MEMORY: GuestMemory = Object.freeze([]);

const WORD_BYTES = 8n;

/** Index of the first word at or after an address. */
function indexOf(memory: GuestMemory, address: bigint): number {
  let low = 0;
  let high = memory.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((memory[middle]?.[0] ?? 0n) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The word at an address, aligned to 8 bytes. */
export function readGuest(memory: GuestMemory, address: bigint): bigint {
  const entry = memory[indexOf(memory, address)];
  return entry?.[0] === address ? entry[1] : 0n;
}

/** Words one after the other; where they are there already, it gives the very same memory. */
export function writeGuest(memory: GuestMemory, address: bigint, words: Words): GuestMemory {
  if (words.every((word, at) => readGuest(memory, address + BigInt(at) * WORD_BYTES) === word)) return memory;
  const end = address + BigInt(words.length) * WORD_BYTES;
  const written: (readonly [bigint, bigint])[] = [];
  words.forEach((word, at) => {
    if (word !== 0n) written.push([address + BigInt(at) * WORD_BYTES, word]);
  });
  return [...memory.slice(0, indexOf(memory, address)), ...written, ...memory.slice(indexOf(memory, end))];
}

/** Zeros from an address on, up to `end`. */
export function clearGuest(memory: GuestMemory, address: bigint, end: bigint): GuestMemory {
  const first = indexOf(memory, address);
  const last = indexOf(memory, end);
  return first === last ? memory : [...memory.slice(0, first), ...memory.slice(last)];
}
