import { COMMANDS } from '../model/commands.ts';
import type { LiveSequence, LiveStep } from './step.ts';

/*
 * A race: steps in a row that have a thread each. Threads start together, and each makes its calls in their order; the first
 * step behind them that has none waits for all. Several orders are then possible, and the model permits each of them.
 */

/** How often a sequence with a race is run before it is said not to show something. */
export const RACE_RUNS = 20;

/** The steps of a race: from an index, up to another, which is not among them. */
export interface Stretch {
  readonly from: number;
  readonly past: number;
}

export function threadOf(step: LiveStep | undefined): number | null {
  return step?.kind === 'call' ? (step.thread ?? null) : null;
}

export function isRacing(sequence: LiveSequence): boolean {
  return sequence.some((step) => threadOf(step) !== null);
}

export function stretchesOf(sequence: LiveSequence): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < sequence.length; from++) {
    if (threadOf(sequence[from]) === null) continue;
    let past = from + 1;
    while (threadOf(sequence[past]) !== null) past++;
    stretches.push({ from, past });
    from = past;
  }
  return stretches;
}

/** So many steps of a sequence, and what is left of the race that ends among them: what another thread does belongs to it. */
export function wholeRaces(sequence: LiveSequence, steps: number): number {
  if (threadOf(sequence[steps - 1]) === null) return steps;
  let past = steps;
  while (threadOf(sequence[past]) !== null) past++;
  return past;
}

/** What a step may refer to by name. */
function namesUsed(step: LiveStep): readonly string[] {
  if (step.kind !== 'call') return [];
  return Object.values(step.call.args).flatMap((value) => (typeof value === 'string' ? [value] : []));
}

/** The names that it gives. */
function namesGiven(step: LiveStep): readonly string[] {
  if (step.kind !== 'call' || step.call.as === undefined) return [];
  const { as, command } = step.call;
  return COMMANDS[command].binds.map(({ suffix }) => as + suffix);
}

/** Which thread gave each name in a race. */
export class Givers {
  readonly #threads = new Map<string, number>();

  /** The threads of a race that gave what a step refers to. */
  of(step: LiveStep): ReadonlySet<number> {
    const threads = namesUsed(step).map((name) => this.#threads.get(name));
    return new Set(threads.filter((thread) => thread !== undefined));
  }

  note(step: LiveStep, thread: number): void {
    for (const name of namesGiven(step)) this.#threads.set(name, thread);
  }
}

/** Whether no step of a race refers to what another thread of it gives: that may not be there yet. */
export function refersWithinThreads(sequence: LiveSequence): boolean {
  return stretchesOf(sequence).every(({ from, past }) => {
    const inside = sequence.slice(from, past);
    const givers = new Givers();
    for (const step of inside) givers.note(step, threadOf(step) ?? 0);
    return inside.every((step) => [...givers.of(step)].every((giver) => giver === threadOf(step)));
  });
}

export function withoutThread(step: LiveStep): LiveStep {
  return step.kind === 'call' ? { kind: 'call', call: step.call } : step;
}

/**
 * The same with less of it at the same time, the least first: nothing, one race fewer, and one step that comes before its race
 * or behind it. A race that one thread has alone is none.
 */
export function calmer(sequence: LiveSequence): readonly LiveSequence[] {
  if (!isRacing(sequence)) return [];
  const stretches = stretchesOf(sequence);
  const calm = ({ from, past }: Stretch) =>
    sequence.map((step, at) => (at >= from && at < past ? withoutThread(step) : step));
  return [
    sequence.map(withoutThread),
    ...(stretches.length > 1 ? stretches.map(calm) : []),
    ...stretches.flatMap((stretch) => taken(sequence, stretch)),
  ];
}

/** A race without the first step of a thread, which comes before it, or the last, which comes behind it. */
function taken(sequence: LiveSequence, { from, past }: Stretch): readonly LiveSequence[] {
  const inside = sequence.slice(from, past);
  return [...new Set(inside.map(threadOf))].flatMap((thread) => {
    const first = inside.findIndex((step) => threadOf(step) === thread);
    const last = inside.findLastIndex((step) => threadOf(step) === thread);
    return [first, last].map((at) => {
      const rest = inside.filter((_, index) => index !== at);
      const step = withoutThread(inside[at] as LiveStep);
      const race = at === first ? [step, ...rest] : [...rest, step];
      return [...sequence.slice(0, from), ...race, ...sequence.slice(past)];
    });
  });
}
