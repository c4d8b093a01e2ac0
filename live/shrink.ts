import { simplerCalls, withoutDefaults } from '../checker/simpler.ts';
import { calmer } from './race.ts';
import type { LiveSequence, LiveStep } from './step.ts';

/** How many steps of each candidate, from the first, show what is looked for on the target; null: it does not. */
export type ShowsOnTarget = (candidates: readonly LiveSequence[]) => Promise<readonly (number | null)[]>;

export interface Shrinking {
  readonly shows: ShowsOnTarget;
  /** Whether a sequence can be run at all. */
  readonly possible: (sequence: LiveSequence) => boolean;
  /** Whether there is time for more. */
  readonly goOn: () => boolean;
  /** Candidates that are sent to the target together. */
  readonly together: number;
}

export interface Shrunk {
  readonly sequence: LiveSequence;
  /** Whether nothing is left to try: no step can be left out, no argument made simpler. False where the budget ended. */
  readonly minimal: boolean;
}

/**
 * Makes a sequence that shows something 1-minimal, on the target itself. Equal answers give equal sequences: of the candidates that are tried together the first that shows it is taken.
 */
export async function shrink(start: LiveSequence, tools: Shrinking): Promise<Shrunk> {
  const { shows } = tools;
  let best = start.map(plain);
  const [length] = await shows([best]);
  if (length == null) {
    best = [...start];
    const [again] = await shows([best]);
    if (again == null) return { sequence: start, minimal: false };
    best = best.slice(0, again);
  } else best = best.slice(0, length);
  for (;;) {
    const before = best;
    for (const pass of [calm, leaveOut, share, simplify]) {
      const { steps, done } = await pass(best, tools);
      best = steps;
      if (!done) return { sequence: best, minimal: false };
    }
    if (best === before) return { sequence: best, minimal: true };
  }
}

function plain(step: LiveStep): LiveStep {
  return step.kind === 'call' ? { ...step, call: withoutDefaults(step.call) } : step;
}

/** How far a pass came; `done`: it came to its end. */
interface Passed {
  readonly steps: LiveStep[];
  readonly done: boolean;
}

/** The first candidate that shows it, cut behind where it does, and its index; null: none does. */
async function firstThatShows(
  candidates: readonly LiveStep[][],
  { shows, possible }: Shrinking,
): Promise<{ readonly steps: LiveStep[]; readonly at: number } | null> {
  const tried = candidates
    .map((candidate, at) => ({ candidate, at }))
    .filter(({ candidate }) => possible(candidate));
  const lengths = await shows(tried.map(({ candidate }) => candidate));
  for (const [index, { candidate, at }] of tried.entries()) {
    const length = lengths[index];
    if (length != null) return { steps: candidate.slice(0, length), at };
  }
  return null;
}

/** Has less of it happen at the same time: what shows without threads is no race. */
async function calm(start: LiveStep[], tools: Shrinking): Promise<Passed> {
  let best = start;
  for (let calmed = true; calmed; ) {
    calmed = false;
    const candidates = calmer(best).map((candidate) => [...candidate]);
    for (let from = 0; from < candidates.length && !calmed; from += tools.together) {
      if (!tools.goOn()) return { steps: best, done: false };
      const found = await firstThatShows(candidates.slice(from, from + tools.together), tools);
      if (found === null) continue;
      best = found.steps;
      calmed = true;
    }
  }
  return { steps: best, done: true };
}

/** Leaves out runs of steps, long ones first and from the end, down to single ones. */
async function leaveOut(start: LiveStep[], tools: Shrinking): Promise<Passed> {
  let best = start;
  for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
    for (let at = best.length - size; at > -size; ) {
      if (!tools.goOn()) return { steps: best, done: false };
      const places: number[] = [];
      for (let place = at; place > -size && places.length < tools.together; place -= size)
        places.push(Math.max(0, place));
      const current = best;
      const found = await firstThatShows(
        places.map((place) => [...current.slice(0, place), ...current.slice(place + size)]),
        tools,
      );
      if (found === null) at -= size * places.length;
      else {
        best = found.steps;
        at = Math.min(places[found.at] ?? 0, best.length) - size;
      }
    }
  }
  return { steps: best, done: true };
}

/** Uses the first thing of its kind in the place of a later one, which can then be left out. */
async function share(start: LiveStep[], tools: Shrinking): Promise<Passed> {
  let best = start;
  for (let at = 0; at < best.length; at++) {
    if (!tools.goOn()) return { steps: best, done: false };
    const current = best;
    const found = await firstThatShows(
      sharing(current, at).map((step) => current.with(at, step)),
      tools,
    );
    if (found !== null) best = found.steps;
  }
  return { steps: best, done: true };
}

/** A call with one of its names replaced by one that an earlier call of the same kind gives. */
function sharing(steps: readonly LiveStep[], at: number): readonly LiveStep[] {
  const step = steps[at];
  if (step?.kind !== 'call') return [];
  const { call } = step;
  const givers = steps.slice(0, at).flatMap((each) => (each.kind === 'call' ? [each.call] : []));
  return Object.entries(call.args).flatMap(([argument, value]) => {
    const giver = givers.findIndex(({ as }) => as !== undefined && as === value);
    const { command } = givers[giver] ?? {};
    return givers
      .slice(0, Math.max(giver, 0))
      .flatMap(({ command: other, as }) => (other === command && as !== undefined ? [as] : []))
      .map((as): LiveStep => ({ ...step, call: { ...call, args: { ...call.args, [argument]: as } } }));
  });
}

/** Takes every step that makes an argument simpler, call by call. */
async function simplify(start: LiveStep[], tools: Shrinking): Promise<Passed> {
  let best = start;
  for (let at = 0; at < best.length; at++) {
    for (let simpler = true; simpler; ) {
      simpler = false;
      const step = best[at];
      if (step?.kind !== 'call') break;
      const current = best;
      const candidates = [...simplerCalls(step.call)].map((call) => current.with(at, { ...step, call }));
      for (let from = 0; from < candidates.length && !simpler; from += tools.together) {
        if (!tools.goOn()) return { steps: best, done: false };
        const found = await firstThatShows(candidates.slice(from, from + tools.together), tools);
        if (found === null) continue;
        best = found.steps;
        simpler = true;
      }
    }
  }
  return { steps: best, done: true };
}
