import fc from 'fast-check';
import type { Call } from '../../model/call.ts';
import { simplerCalls } from '../simpler.ts';

/** A uniform integer in [0, bound). */
export type Draw = (bound: number) => number;

/** Makes the calls of one run from a source of choices, looking at the world as it goes. */
export type Walk = (draw: Draw) => readonly Call[];

/** The same calls, as a failing property of fast-check is to print them. */
export type Shown = (calls: readonly Call[]) => readonly Call[];

/** Where the shrinking of a sequence stands: what is left to try, so that no step is tried twice. */
type Cursor =
  /** Leaving out `size` calls from `at`. */
  | { readonly leaveOut: number; readonly at: number }
  /** Simpler arguments for the call at this index and those behind it. */
  | { readonly simplify: number };

/**
 * Sequences of calls that a walk makes. They shrink without being made anew: any subsequence of a trace is a legal
 * trace, and so is one with simpler arguments.
 */
class ArbitraryCalls extends fc.Arbitrary<readonly Call[]> {
  readonly #walk: Walk;
  readonly #shown: Shown;

  constructor(walk: Walk, shown: Shown) {
    super();
    this.#walk = walk;
    this.#shown = shown;
  }

  override generate(random: fc.Random): fc.Value<readonly Call[]> {
    const calls = this.#walk((bound) => (bound <= 1 ? 0 : random.nextInt(0, bound - 1)));
    return new fc.Value(this.#shown(calls), start(calls));
  }

  override canShrinkWithoutContext(value: unknown): value is readonly Call[] {
    return Array.isArray(value);
  }

  override shrink(calls: readonly Call[], context: unknown): fc.Stream<fc.Value<readonly Call[]>> {
    // The only contexts are those that this class gave out.
    const cursor = (context as Cursor | undefined) ?? start(calls);
    return fc.stream(candidates(calls, cursor, this.#shown));
  }
}

/** @see ArbitraryCalls */
export function arbitraryCalls(walk: Walk, shown: Shown = (calls) => calls): fc.Arbitrary<readonly Call[]> {
  return new ArbitraryCalls(walk, shown);
}

function start(calls: readonly Call[]): Cursor {
  const size = Math.max(1, calls.length >> 1);
  return { leaveOut: size, at: calls.length - size };
}

/** Long runs of calls are left out first, from the end; then single calls; then arguments are made simpler. */
function* candidates(
  calls: readonly Call[],
  from: Cursor,
  shown: Shown,
): IterableIterator<fc.Value<readonly Call[]>> {
  let first = 0;
  if ('simplify' in from) first = from.simplify;
  else {
    let { leaveOut: size, at } = from;
    for (; size >= 1; size >>= 1, at = calls.length - size) {
      for (; at >= 0; at -= size) {
        const rest = [...calls.slice(0, at), ...calls.slice(at + size)];
        yield new fc.Value<readonly Call[]>(shown(rest), { leaveOut: size, at: at - size } satisfies Cursor);
      }
    }
  }
  for (let index = first; index < calls.length; index++) {
    for (const simpler of simplerCalls(calls[index] as Call)) {
      yield new fc.Value<readonly Call[]>(shown(calls.with(index, simpler)), {
        simplify: index,
      } satisfies Cursor);
    }
  }
}
