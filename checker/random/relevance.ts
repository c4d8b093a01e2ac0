import { isDeepStrictEqual } from 'node:util';
import { answerAt, DECISION_POINTS, type DecisionPoint } from '../../model/decision-points.ts';
import { intended, RULE_NAMES, type Rules } from '../../model/rules.ts';
import { Monitor } from '../monitor.ts';
import { NOTHING } from '../watch.ts';
import { underOne } from '../watchdog.ts';
import { explore, type Source } from './engine.ts';
import { runSeed } from './seed.ts';

/** How much a scope has to say of rules that differ from the intended ones. */
export type Relevance = 'unasked' | 'asked' | 'differs';

/** Runs in which it is looked whether a scope asks a decision point at all. */
const PROBES = 4;

/** The decision points at which these rules say something of their own. */
function changedPoints(rules: Rules): readonly DecisionPoint[] {
  return DECISION_POINTS.filter((point) => answerAt(rules, point) !== answerAt(intended, point));
}

/** The same rules, but what is read at these points is `heard` at each reading. */
function heard(
  rules: Rules,
  points: readonly DecisionPoint[],
  hear: (point: DecisionPoint) => unknown,
): Rules {
  const machines = RULE_NAMES.map((machine) => {
    const own = Object.defineProperties(
      { ...rules[machine] },
      Object.fromEntries(
        points
          .filter((point) => point.machine === machine)
          .map((point) => [point.name, { get: () => hear(point) }]),
      ),
    );
    return [machine, own] as const;
  });
  // Every machine is there, with every decision point that it had.
  return Object.fromEntries(machines) as unknown as Rules;
}

/**
 * Whether the first runs of a source ask the decision points that its rules change, and get another answer than the
 * intended one. Null where its rules are the intended ones. Decision points are pure, so asking twice changes nothing.
 */
export function relevanceOf(source: Source, seed: number): Relevance | null {
  const { scope, rules } = source.setting;
  const points = changedPoints(rules);
  if (points.length === 0) return null;
  let relevance: Relevance = 'unasked';
  const hear = (point: DecisionPoint): unknown => {
    const [changed, meant] = [answerAt(rules, point), answerAt(intended, point)];
    if (typeof changed !== 'function' || typeof meant !== 'function') {
      relevance = isDeepStrictEqual(changed, meant) && relevance !== 'differs' ? 'asked' : 'differs';
      return changed;
    }
    return (...args: unknown[]): unknown => {
      const answer = changed(...args);
      if (relevance === 'unasked') relevance = 'asked';
      if (relevance === 'asked' && !isDeepStrictEqual(answer, meant(...args))) relevance = 'differs';
      return answer;
    };
  };
  const listening = heard(rules, points, hear);
  const probed: Source = { ...source, setting: { scope, rules: listening } };
  try {
    underOne(() => {
      relevance = 'unasked';
      for (let nth = 0; nth < PROBES && !settled(relevance); nth++)
        explore(probed, runSeed(seed, scope.name, nth), NOTHING, new Monitor([]));
    });
  } catch {
    // A decision point that throws is for the run to report that meets it.
    return 'differs';
  }
  return relevance;
}

// A function of its own: the compiler does not know that listening changes what was 'unasked' a line before.
function settled(relevance: Relevance): boolean {
  return relevance === 'differs';
}
