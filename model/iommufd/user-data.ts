import type { Errno } from '../../spec/errno.ts';
import type { Words } from '../world/command.ts';

/** Up to eight bytes at a byte offset of user memory; null where the buffer has fewer. */
export function readBytes(words: Words, offset: number, length: number): bigint | null {
  if (offset + length > words.length * 8) return null;
  const index = Math.floor(offset / 8);
  const shift = BigInt((offset % 8) * 8);
  const low = (words[index] as bigint) >> shift;
  const value = shift === 0n ? low : low | ((words[index + 1] ?? 0n) << (64n - shift));
  return BigInt.asUintN(length * 8, value);
}

/**
 * Copies a struct of `kernelBytes` (a multiple of eight) that the caller knows as `userBytes` long, as
 * copy_struct_from_user() does: missing bytes are zero, surplus ones must be (E2BIG), absent memory is EFAULT.
 */
export function copyStruct(
  words: Words | null,
  offset: number,
  userBytes: number,
  kernelBytes: number,
): readonly bigint[] | Errno {
  if (words === null) return 'EFAULT';
  for (let at = kernelBytes; at < userBytes; at++) {
    const byte = readBytes(words, offset + at, 1);
    if (byte === null) return 'EFAULT';
    if (byte !== 0n) return 'E2BIG';
  }
  const result: bigint[] = [];
  for (let at = 0; at < kernelBytes; at += 8) {
    const length = Math.max(0, Math.min(8, userBytes - at));
    const word = length === 0 ? 0n : readBytes(words, offset + at, length);
    if (word === null) return 'EFAULT';
    result.push(word);
  }
  return result;
}
