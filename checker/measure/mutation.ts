import { z } from 'zod';
import { composeRules, intended, type RuleChanges, type Rules } from '../../model/rules.ts';
import { ALTERNATIVES } from '../../overrides/alternatives.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { DEFAULTS } from '../defaults.ts';
import { kills } from './hunt.ts';

/** A decision point with another answer than the intended one. */
export interface Mutation {
  readonly point: keyof Rules;
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

/** A decision point of any kind: arguments in, an answer out. */
type Point = (...args: never[]) => unknown;

const POINTS = Object.keys(intended) as readonly (keyof Rules)[];

/** Whether an answer is yes or no can only be seen by asking; those that cannot be asked so have alternatives, or none. */
function answersYesOrNo(point: Point): boolean {
  try {
    return typeof (point as (...args: unknown[]) => unknown)(...TRIED) === 'boolean';
  } catch {
    return false;
  }
}

const TRIED: readonly unknown[] = [0, 0, 0, 0];

function negated(point: Point): Point {
  return (...args) => !point(...args);
}

function mutationOf(point: keyof Rules): Mutation | null {
  const mutate = (how: string, change: RuleChanges): Mutation => ({ point, how, change });
  const alternative = ALTERNATIVES[point];
  if (alternative !== undefined) return mutate('another answer', alternative);
  const own = intended[point] as Point;
  return answersYesOrNo(own) ? mutate('the opposite', { [point]: negated(own) } as RuleChanges) : null;
}

/** One mutation for every decision point that has one, in the order of the rules. */
export function mutations(): readonly Mutation[] {
  return POINTS.flatMap((point) => mutationOf(point) ?? []);
}

/** Decision points without a mutation. */
export function unmutated(): readonly string[] {
  return POINTS.filter((point) => mutationOf(point) === null);
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
