import { z } from 'zod';
import { recordOf } from '../../checker/outside/lists.ts';

/*
 * What vector files of every version are made of.
 */

export const hex = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/i, 'expected a hexadecimal number of at most 64 bits')
  .transform((text) => BigInt(text));

export const register = z
  .string()
  .regex(/^0x[0-9a-f]{1,8}$/i, 'expected a hexadecimal number of at most 32 bits')
  .transform(Number);

/** The longest that a sentence in a file may be, in characters. */
export const LONGEST_TEXT = 4096;

/** Real configurations have 300 words of memory. */
const MOST_WORDS = 10_000;

const wordAddress = z.string().regex(/^0x[0-9a-f]{1,15}[08]$/i);

/** 64-bit words by address. */
export const memory = recordOf(wordAddress, hex, MOST_WORDS).transform(
  (words) => new Map(Object.entries(words).map(([address, word]) => [BigInt(address), word])),
);

export const idRegisters = z.strictObject({
  IDR0: register,
  IDR1: register,
  IDR2: register,
  IDR3: register,
  IDR4: register,
  IDR5: register,
  IIDR: register,
  AIDR: register,
});

export const streamId = z.int().min(0).max(0xffff_ffff);

/** From `start` up to and without `end`. */
export const span = z.strictObject({ start: hex, end: hex });

/** Every aligned 32-bit word of it holds its own address. */
export const stamped = z.strictObject({ start: hex, length: hex });
