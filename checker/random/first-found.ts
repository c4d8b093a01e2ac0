import type { Monitor } from '../monitor.ts';
import { exploreSome, RUNS_TOGETHER, type Start } from './engine.ts';

/** The first of these runs that violates something, by its place; null where none does. */
export function firstFound(
  runs: number,
  startOf: (run: number) => Start,
  monitor: Monitor,
): (Start & { readonly run: number }) | null {
  for (let run = 0; run < runs; ) {
    const starts = Array.from({ length: Math.min(RUNS_TOGETHER, runs - run) }, (_, at) => startOf(run + at));
    const made = exploreSome(starts, monitor);
    run += made.length;
    const last = starts[made.length - 1];
    if (last !== undefined && (made.at(-1)?.length ?? 0) > 0) return { ...last, run: run - 1 };
  }
  return null;
}
