import { maskOf } from '../../../spec/bits.ts';
import { pasidEntry } from '../../../spec/vtd/entries.ts';
import type { Words } from '../../world/command.ts';

const PRESENT = maskOf(pasidEntry, ['P'])[0] as bigint;

/**
 * The values that a PASID table entry takes on its way to another, each one 64-bit store from the one before. Hardware
 * reads 512 bits in pieces, so the entry is not present whenever anything else of it changes: P goes first and comes last.
 */
export function updatePasidEntry(current: Words, target: Words): readonly Words[] {
  const values: Words[] = [];
  let value = current;
  const store = (word: number, to: bigint): void => {
    if (value[word] === to) return;
    value = value.map((old, index) => (index === word ? to : old));
    values.push(value);
  };
  store(0, (current[0] ?? 0n) & ~PRESENT);
  for (let word = target.length - 1; word > 0; word--) store(word, target[word] ?? 0n);
  store(0, (target[0] ?? 0n) & ~PRESENT);
  store(0, target[0] ?? 0n);
  return values;
}
