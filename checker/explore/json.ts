import { traceToJson } from '../trace/encode.ts';
import { isComplete, stoppedBy } from './ended.ts';
import type { ExploreReport } from './explore.ts';
import { neverReached } from './never-reached.ts';

/**
 * The report as `--json` prints it: what `check` says, and how far the search came. `runs`, `steps` and `seed` are of
 * random runs, and null. `states` and `transitions` count up to symmetry; `scopes` also says how many that stands for.
 */
export function exploreReportToJson(report: ExploreReport): object {
  const { scopes } = report;
  const sum = (of: (each: (typeof scopes)[number]) => number): number =>
    scopes.reduce((total, each) => total + of(each), 0);
  const states = sum((each) => each.states);
  return {
    verdict: report.verdict,
    properties: report.properties.map(({ property, verdict, scope, traces }) => ({
      id: property.id,
      verdict,
      scope,
      ...(traces[0] === undefined ? {} : { trace: traceToJson(traces[0]) }),
      ...(traces.length < 2 ? {} : { otherTraces: traces.slice(1).map(traceToJson) }),
    })),
    undecided: report.undecided.map(({ id }) => id),
    runs: null,
    steps: null,
    states,
    transitions: sum((each) => each.moves),
    depth: Math.max(0, ...scopes.map((each) => each.depth)),
    complete: isComplete(report),
    bytesPerState:
      states === 0 ? 0 : Math.round((10 * sum((each) => each.bytesPerState * each.states)) / states) / 10,
    collisionBound: sum((each) => each.collisions),
    seconds: Math.round(report.seconds * 1000) / 1000,
    seed: null,
    stopped: stoppedBy(report),
    neverReached: neverReached(report),
    scopes: scopes.map((each) => ({
      scope: each.scope,
      ended: each.ended,
      complete: each.complete,
      states: each.states,
      unreducedStates: each.unreducedStates,
      transitions: each.moves,
      unreducedTransitions: each.transitions,
      depth: each.depth,
      bytesPerState: Math.round(10 * each.bytesPerState) / 10,
      collisionBound: each.collisions,
      seconds: Math.round(each.seconds * 1000) / 1000,
    })),
    coverage: report.coverage,
  };
}
