import type { Source } from './engine.ts';
import { type Relevance, relevanceOf } from './relevance.ts';

/** One run of a round: the `nth` of those (`of`) that a source has in it. */
export interface Turn {
  readonly source: number;
  readonly nth: number;
  readonly of: number;
}

/**
 * Runs of a round for each that a scope has of its own. Most defects live in one machine, which most scopes hardly use;
 * none is left out, since what is not asked in a few runs may be in many.
 */
const WEIGHT: Readonly<Record<Relevance, number>> = { unasked: 1, asked: 4, differs: 12 };

/**
 * The order of runs: every source once, then again those that have more of a round. It depends on the plan alone, so that
 * any number of threads makes the same runs.
 */
export function turnsOf(sources: readonly Source[], seed: number): readonly Turn[] {
  // A single source has every run anyway.
  const relevances = sources.length < 2 ? [] : sources.map((source) => relevanceOf(source, seed));
  const alike = new Set(relevances).size <= 1;
  const shares = sources.map(({ setting }, at) => {
    const relevance = relevances[at] ?? null;
    const { share = 1 } = setting.scope;
    return alike || relevance === null ? share : share * WEIGHT[relevance];
  });
  const turns: Turn[] = [];
  for (let nth = 0; nth < Math.max(0, ...shares); nth++) {
    for (const [source, of] of shares.entries()) if (nth < of) turns.push({ source, nth, of });
  }
  return turns;
}

/** The turn of a run, and the how manyth run of its source it is; null where there are no sources. */
export function turnAt(turns: readonly Turn[], run: number): { source: number; nth: number } | null {
  const turn = turns[run % turns.length];
  if (turn === undefined) return null;
  return { source: turn.source, nth: Math.floor(run / turns.length) * turn.of + turn.nth };
}
