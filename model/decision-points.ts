import { intended, MACHINES, type RuleChanges, type Rules } from './rules.ts';

/** Where a decision point stands in the rules. */
export interface DecisionPoint {
  readonly machine: keyof Rules;
  readonly name: string;
  /** Both, as `iommufd.vsmmuOwnsVmid`. */
  readonly path: string;
}

/** Every decision point, in the order of the rules. */
export const DECISION_POINTS: readonly DecisionPoint[] = MACHINES.flatMap((machine) =>
  Object.keys(intended[machine]).map((name) => ({ machine, name, path: `${machine}.${name}` })),
);

/** What rules say at a decision point: a value, or a function where that depends on something. */
export function answerAt(rules: Rules | RuleChanges, { machine, name }: DecisionPoint): unknown {
  return (rules[machine] as Readonly<Record<string, unknown>> | undefined)?.[name];
}

/** Rules that say something else at one decision point. `answer` is of the kind of the intended one. */
export function changeAt({ machine, name }: DecisionPoint, answer: unknown): RuleChanges {
  return { [machine]: { [name]: answer } };
}
