import { DECLARED } from './machines.ts';
import { RULE_NAMES, type RuleChanges, type Rules } from './rules.ts';
import type { Declaration } from './world/declare.ts';

/** Where a decision point stands in the rules. */
export interface DecisionPoint {
  readonly machine: keyof Rules;
  readonly name: string;
  /** Both, as `iommufd.vsmmuOwnsVmid`. */
  readonly path: string;
  readonly declared: Declaration;
}

/** Every decision point, in the order of the rules. */
export const DECISION_POINTS: readonly DecisionPoint[] = RULE_NAMES.flatMap((machine) =>
  Object.entries(DECLARED[machine]).map(([name, declared]) => ({
    machine,
    name,
    path: `${machine}.${name}`,
    declared,
  })),
);

/** What rules say at a decision point: a value, or a function where that depends on something. */
export function answerAt(rules: Rules | RuleChanges, { machine, name }: DecisionPoint): unknown {
  return (rules[machine] as Readonly<Record<string, unknown>> | undefined)?.[name];
}

/** Rules that say something else at one decision point. `answer` is of the kind of the intended one. */
export function changeAt({ machine, name }: DecisionPoint, answer: unknown): RuleChanges {
  return { [machine]: { [name]: answer } };
}

/** What can be decided at a decision point, as TypeScript has it: `boolean`, the words of a choice, a signature. */
export function typeOf({ declared }: DecisionPoint): string {
  if (declared.kind === 'flag') return 'boolean';
  if (declared.kind === 'choice')
    return declared.values.map((each) => (typeof each === 'string' ? `'${each}'` : String(each))).join(' | ');
  return declared.type;
}

/** The type of what a decision point answers, where it is a function that of what this gives. */
export function answerTypeOf(point: DecisionPoint): string {
  const type = typeOf(point);
  return point.declared.kind === 'function' ? type.slice(type.indexOf(') => ') + ') => '.length) : type;
}
