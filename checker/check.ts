import { Merged } from './merged.ts';
import type { CheckPlan, Controls, Progress } from './plan.ts';
import { Explorer } from './random/explorer.ts';
import type { CheckReport, Stopped } from './report.ts';
import { expectAwaited } from './select/awaited.ts';

export type { CheckPlan, Controls, Progress } from './plan.ts';

/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
const BREATH = 80;

/**
 * Makes random runs and looks at every property in each. The same plan gives the same report (but for `seconds`),
 * unless the time limit or the signal ends it early, which the report then says.
 */
export async function check(plan: CheckPlan, controls: Controls = {}): Promise<CheckReport> {
  expectAwaited(plan.selection, 'a selection of rules', 'selectRules(…)');
  const started = performance.now();
  const explorer = new Explorer(plan);
  const merged = new Merged(plan);
  const deadline = plan.timeLimit === null ? Number.POSITIVE_INFINITY : started + plan.timeLimit;
  const late = (): boolean => performance.now() >= deadline;
  let stopped: Stopped = null;
  while (merged.runs < plan.runs && stopped === null) {
    const breath = performance.now() + BREATH;
    const until = Math.min(breath, deadline);
    const enough = (): boolean => performance.now() >= until;
    const settled = merged.settledFor(merged.runs) ?? [];
    const to = Math.min(merged.roundEnd(merged.runs), plan.runs);
    merged.add(explorer.explore(merged.runs, to, settled, enough, late));
    if (merged.runs === plan.runs) break;
    controls.onProgress?.(progressOf(merged, plan));
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (controls.signal?.aborted === true) stopped = 'interrupt';
    else if (late()) stopped = 'time';
  }
  return merged.report(stopped, performance.now() - started);
}

/** How far what is merged has come. */
export function progressOf({ runs, violated }: Merged, plan: CheckPlan): Progress {
  return { runs, plannedRuns: plan.runs, steps: runs * plan.steps, violated };
}
