import type { ArgValue, Call } from '../model/call.ts';
import { COMMANDS } from '../model/commands.ts';
import { type Argument, defaultOf } from '../spec/command/argument.ts';
import type { CommandDeclaration } from '../spec/command/declaration.ts';
import { fits } from '../spec/command/fits.ts';

/*
 * What "simpler" means, in one place: the shrinker and the minimiser both step along it, and 1-minimal means that
 * no step is left. Every step brings an argument nearer to its default, so no chain of steps is endless.
 */

/** The call without the arguments that say what leaving them out says. */
export function withoutDefaults(call: Call): Call {
  const { args } = COMMANDS[call.command] as CommandDeclaration;
  const kept = Object.entries(call.args).filter(([name, value]) => {
    const shape = args[name];
    return shape !== undefined && value !== defaultOf(shape);
  });
  if (kept.length === Object.keys(call.args).length) return call;
  return { ...call, args: Object.fromEntries(kept) };
}

/** The same call with one argument one step simpler, in every way there is; the largest step of each first. */
export function* simplerCalls(call: Call): Generator<Call> {
  const { args } = COMMANDS[call.command] as CommandDeclaration;
  for (const name of Object.keys(call.args)) {
    const value = call.args[name];
    const shape = args[name];
    if (value === undefined || shape === undefined) continue;
    const { [name]: _, ...rest } = call.args;
    yield { ...call, args: rest };
    for (const simpler of simplerValues(shape, value)) {
      if (fits(shape, simpler)) yield { ...call, args: { ...call.args, [name]: simpler } };
    }
  }
}

/** Simpler values than this one, short of the default itself. Another name is not simpler, and neither is a number. */
function* simplerValues(shape: Argument, value: ArgValue): Generator<ArgValue> {
  if (shape.kind === 'number' && typeof value === 'number') yield* simplerNumbers(value, shape.default);
  if (shape.kind === 'u64' && typeof value === 'bigint') yield* simplerWords(value);
  if (shape.kind === 'words' && typeof value === 'object' && value !== null) yield* simplerArrays(value);
}

/** Half way to the default; for flags, whose default is 0, also with a bit cleared. */
function* simplerNumbers(value: number, standard: number): Generator<number> {
  const half = standard + Math.trunc((value - standard) / 2);
  if (half !== standard) yield half;
  if (standard !== 0) return;
  for (let bit = 2 ** 31; bit >= 1; bit /= 2) {
    if (Math.floor(value / bit) % 2 === 1 && value !== bit) yield value - bit;
  }
}

/** Half of it, or with some bits cleared: half of the word at first, then ever fewer, in the end one. Never 0. */
function* simplerWords(value: bigint): Generator<bigint> {
  if (value > 1n) yield value >> 1n;
  for (let size = 32n; size >= 1n; size >>= 1n) yield* withoutBits(value, size);
}

/** The word without a run of so many bits, the highest first; only runs of which more than one bit is set, or single bits. */
function* withoutBits(value: bigint, size: bigint): Generator<bigint> {
  const all = (1n << size) - 1n;
  for (let at = 64n - size; at >= 0n; at -= size) {
    const run = (value >> at) & all;
    if (run === 0n || value === run << at) continue;
    if (size === 1n || (run & (run - 1n)) !== 0n) yield value & ~(all << at);
  }
}

/** Fewer words (none, half of them, without a pair as in a command, without one), then smaller ones. */
function* simplerArrays(words: readonly bigint[]): Generator<readonly bigint[]> {
  if (words.length > 0) yield [];
  if (words.length > 3) yield words.slice(0, words.length >> 1);
  for (const size of [2, 1]) {
    for (let at = words.length - size; at >= 0; at -= size) {
      if (size < words.length) yield [...words.slice(0, at), ...words.slice(at + size)];
    }
  }
  // Often all words are alike, as a list of descriptors that are all -1 is: all at once, then one by one.
  for (let size = 32n; size >= 1n; size >>= 1n) yield* withoutBitsEach(words, size);
  for (const [at, word] of words.entries()) {
    if (word !== 0n) yield words.with(at, 0n);
    for (const simpler of simplerWords(word)) yield words.with(at, simpler);
  }
}

/** Words of two commands of an SMMU: more words than these are a list. */
const COMMAND_PAIR = 4;

/** The words of a list, each without the same run of bits. */
function* withoutBitsEach(words: readonly bigint[], size: bigint): Generator<readonly bigint[]> {
  if (words.length <= COMMAND_PAIR) return;
  const all = (1n << size) - 1n;
  for (let at = 64n - size; at >= 0n; at -= size) {
    const mask = ~(all << at);
    const runs = words.map((word) => (word >> at) & all);
    const several = size === 1n || runs.some((run) => (run & (run - 1n)) !== 0n);
    if (several && runs.every((run) => run !== 0n)) yield words.map((word) => word & mask);
  }
}
