import type { ReadMemory64 } from '../architecture/access.ts';
import { entriesOf, type History } from './history.ts';

/** One value of a word and when it was there. */
export interface WordValue {
  readonly value: bigint | undefined;
  readonly from: number;
  /** Infinity: it is there now. */
  readonly until: number;
}

/** The values that a word has had since a time, the present one first. */
export function valuesSince(
  history: History,
  read: ReadMemory64,
  address: bigint,
  since: number,
): readonly WordValue[] {
  let value = read(address);
  let until = Number.POSITIVE_INFINITY;
  const values: WordValue[] = [];
  for (const change of entriesOf(history.words)) {
    if (change.address !== address) continue;
    values.push({ value, from: change.until, until });
    if (change.until <= since) return values;
    value = change.before;
    until = change.until;
  }
  values.push({ value, from: 0, until });
  return values;
}

/** Memory as it was just before a time; Infinity: as it is. */
export function memoryAt(history: History, read: ReadMemory64, time: number): ReadMemory64 {
  if (time === Number.POSITIVE_INFINITY) return read;
  return (address) => {
    let value = read(address);
    for (const change of entriesOf(history.words)) {
      if (change.until < time) break;
      if (change.address === address) value = change.before;
    }
    return value;
  };
}

/** The times since `since` at which one of some words changed. */
export function changesOf(
  history: History,
  addresses: ReadonlySet<bigint>,
  since: number,
): readonly number[] {
  const times = new Set<number>();
  for (const { until, address } of entriesOf(history.words)) {
    if (until <= since) break;
    if (addresses.has(address)) times.add(until);
  }
  return [...times];
}
