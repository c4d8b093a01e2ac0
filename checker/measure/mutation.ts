import { z } from 'zod';
import { answerAt, changeAt, DECISION_POINTS, type DecisionPoint } from '../../model/decision-points.ts';
import { composeRules, intended, type RuleChanges } from '../../model/rules.ts';
import { ALTERNATIVES } from '../../overrides/alternatives.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { DEFAULTS } from '../defaults.ts';
import { kills } from './hunt.ts';

/** A decision point with another answer than the intended one. */
export interface Mutation {
  /** Such as `iommufd.vsmmuOwnsVmid`. */
  readonly point: string;
  readonly at: DecisionPoint;
  /** What it answers instead, in words. */
  readonly how: string;
  readonly change: RuleChanges;
}

const mutated = z.object({
  point: z.string(),
  how: z.string(),
  /** The property that a check violates first, and in which run; null: none in `runs`. */
  killedBy: z.string().nullable(),
  run: z.number().int().nullable(),
  /** Where no property is violated: the first of the committed recordings that the model does not agree with any more. */
  recording: z.string().nullable(),
});

export const mutationData = z.object({ runs: z.number().int(), mutations: z.array(mutated) });

export type MutationData = z.infer<typeof mutationData>;

/** A decision point with arguments. */
type Decide = (...args: unknown[]) => unknown;

/** The opposite of a yes or no; undefined: it is something else. What a function answers can only be seen by asking. */
function oppositeOf(answer: unknown): unknown {
  if (typeof answer === 'boolean') return !answer;
  if (typeof answer !== 'function') return undefined;
  const decide = answer as Decide;
  try {
    if (typeof decide(...TRIED) !== 'boolean') return undefined;
  } catch {
    return undefined;
  }
  return (...args: unknown[]) => !decide(...args);
}

const TRIED: readonly unknown[] = [0, 0, 0, 0];

function mutationOf(at: DecisionPoint): Mutation | null {
  const mutate = (how: string, answer: unknown): Mutation => ({
    point: at.path,
    at,
    how,
    change: changeAt(at, answer),
  });
  const alternative = answerAt(ALTERNATIVES, at);
  if (alternative !== undefined) return mutate('another answer', alternative);
  const opposite = oppositeOf(answerAt(intended, at));
  return opposite === undefined ? null : mutate('the opposite', opposite);
}

/** One mutation for every decision point that has one, in the order of the rules. */
export function mutations(): readonly Mutation[] {
  return DECISION_POINTS.flatMap((point) => mutationOf(point) ?? []);
}

/** Decision points without a mutation. */
export function unmutated(): readonly string[] {
  return DECISION_POINTS.filter((point) => mutationOf(point) === null).map(({ path }) => path);
}

/** What kills a mutation first in a check of so many runs at the usual seed; null where nothing does. */
export function killerOf(
  { change }: Mutation,
  runs: number,
): { readonly property: string; readonly run: number } | null {
  const plan = {
    rules: composeRules([{ rules: change }]),
    scopes: SCOPES,
    properties: PROPERTIES,
    generate: generateCall,
    seed: DEFAULTS.seed,
    steps: DEFAULTS.steps,
  };
  const { value, done } = kills(plan, () => runs).next();
  return done === true ? null : { property: value.property.id, run: value.run };
}
