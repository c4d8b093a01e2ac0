import type { Trial } from '../../checker/measure/code-mutation.ts';
import type { DesignRuns, PlannedRun, Reach, Reaching, Replayed, Spec } from './plan.ts';

const NOTHING: Reaching = { designs: {}, replayed: [], counterexamples: [] };

/** Most runs that a mutant is tried in, and most milliseconds of replays. */
export interface Most {
  readonly runs: number;
  readonly otherRuns: number;
  readonly replays: number;
  readonly counterexamples: number;
}

/**
 * What a mutant is tried with. What runs as the modules are loaded, and what only the first run of a scope gets to (it is computed
 * once for a platform and remembered), is tried with everything.
 */
export function specOf(root: string, reach: Reach, id: string, most: Most): Spec {
  const reaching = reach.mutants[id] ?? NOTHING;
  const everything = reach.loaded.includes(id) || isRemembered(reach, reaching);
  const designs = Object.entries(reach.designs).flatMap(([design, { runs, violated }]) => {
    const mine = everything ? runs : pick(runs, reaching.designs[design] ?? []);
    const some = spread(mine, design === '' ? most.runs : most.otherRuns);
    return some.length === 0 ? [] : [[design, { runs: some, violated }] as [string, DesignRuns]];
  });
  return {
    root,
    properties: reach.properties,
    seen: everything ? {} : seenOnlyBy(reach, new Set(reaching.designs[''] ?? [])),
    designs: Object.fromEntries(designs),
    replayed: quickest(everything ? reach.replayed : pick(reach.replayed, reaching.replayed), most.replays),
    counterexamples: spread(
      everything ? reach.counterexamples : pick(reach.counterexamples, reaching.counterexamples),
      most.counterexamples,
    ),
  };
}

/** What fewer runs see may be missing because others were drawn. */
const LEAST_SEEN = 5;

/** Runs that are looked at for what they saw. */
const MOST_SEEN = 60;

/** What no run sees that does not get to the mutant. */
function seenOnlyBy(reach: Reach, mine: ReadonlySet<number>): Spec['seen'] {
  const runs = reach.designs['']?.runs ?? [];
  const only = Object.entries(reach.seen).filter(
    ([, which]) => which.length >= LEAST_SEEN && which.every((run) => mine.has(run)),
  );
  return Object.fromEntries(only.map(([what, which]) => [what, spread(pick(runs, which), MOST_SEEN)]));
}

function pick<T>(all: readonly T[], which: readonly number[]): readonly T[] {
  return which.filter((at) => at < all.length).map((at) => all[at] as T);
}

/** Those that take least, one at least, as long as all together take no more than this. */
function quickest(all: readonly Replayed[], most: number): readonly Replayed[] {
  let left = most;
  return all
    .toSorted((a, b) => a.takes - b.takes)
    .filter(({ takes }, at) => {
      left -= takes;
      return at === 0 || left >= 0;
    });
}

/** So many of a list at most, from all over it. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)] as T);
}

function isRemembered(reach: Reach, { designs }: Reaching): boolean {
  const runs: PlannedRun[] = Object.entries(designs).flatMap(([design, which]) => [
    ...pick(reach.designs[design]?.runs ?? [], which),
  ]);
  return runs.length > 0 && runs.every(([, nth]) => nth === 0);
}

export function isReached({ designs, replayed, counterexamples }: Spec): Trial['reached'] {
  const under = Object.keys(designs);
  return {
    byRuns: under.includes(''),
    byDesigns: under.some((design) => design !== ''),
    byRecordings: replayed.length > 0,
    byCounterexamples: counterexamples.length > 0,
  };
}
