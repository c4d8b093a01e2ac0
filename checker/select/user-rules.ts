import { answerAt, changeAt, type DecisionPoint } from '../../model/decision-points.ts';
import { intended, type RuleChanges } from '../../model/rules.ts';
import { frozen } from '../outside/frozen.ts';
import { thrownText } from '../outside/text.ts';
import { CHOICES, isLike, kindOf } from './answers.ts';
import { pointNamed, pointsOf } from './point-names.ts';
import { inFile, UsageError } from './usage-error.ts';

/**
 * The rules of a user's own override, by machine (`{ iommufd: { vsmmuOwnsVmid: false } }`) or each by its name alone. What is
 * a value may be given as a function without arguments, and what depends on something as the value that it always is.
 * @throws UsageError naming the decision point where there is no such, or where it cannot be this.
 */
export function readRules(path: string, rules: Readonly<Record<string, unknown>>): RuleChanges {
  const changes: Record<string, Record<string, unknown>> = {};
  const add = (point: DecisionPoint, given: unknown): void => {
    const change = changeAt(point, answerOf(path, point, given)) as Record<string, Record<string, unknown>>;
    changes[point.machine] = { ...changes[point.machine], ...change[point.machine] };
  };
  for (const [name, given] of Object.entries(rules)) {
    if (pointsOf(name) === null) {
      add(known(path, pointNamed(name)), given);
      continue;
    }
    if (typeof given !== 'object' || given === null)
      throw new UsageError(
        inFile(path, null, `expected rules.${name} to be a record of its decision points`),
      );
    for (const [point, own] of Object.entries(given)) add(known(path, pointNamed(point, name)), own);
  }
  return changes as RuleChanges;
}

function known(path: string, found: DecisionPoint | string): DecisionPoint {
  if (typeof found === 'string') throw new UsageError(inFile(path, null, found));
  return found;
}

type Decide = (...args: readonly unknown[]) => unknown;

function answerOf(path: string, point: DecisionPoint, given: unknown): unknown {
  const meant = answerAt(intended, point);
  if (typeof meant === 'function') {
    return guard(path, point, meant as Decide, typeof given === 'function' ? (given as Decide) : () => given);
  }
  const value = typeof given === 'function' ? decided(path, point, given as Decide, []) : given;
  check(path, point, value, meant);
  return value;
}

/** A user's function may throw or give something else than the model works with: then it is named, not the model. */
function guard(path: string, point: DecisionPoint, meant: Decide, decide: Decide): Decide {
  return (...args) => {
    const answer = decided(path, point, decide, args);
    check(path, point, answer, meant(...args));
    return answer;
  };
}

function decided(path: string, { name }: DecisionPoint, decide: Decide, args: readonly unknown[]): unknown {
  try {
    return frozen(decide(...frozen(args)));
  } catch (error) {
    throw new UsageError(inFile(path, null, `decision point '${name}' threw: ${thrownText(error)}`));
  }
}

function check(path: string, point: DecisionPoint, answer: unknown, expected: unknown): void {
  if (!isLike(answer, expected)) {
    throw new UsageError(
      inFile(
        path,
        null,
        `decision point '${point.name}' gave ${kindOf(answer)} where ${kindOf(expected)} was expected`,
      ),
    );
  }
  const choices = CHOICES[point.path];
  if (choices !== undefined && !choices.includes(answer)) {
    throw new UsageError(
      inFile(
        path,
        null,
        `decision point '${point.name}' gave '${String(answer)}'; expected one of ${choices.join(', ')}`,
      ),
    );
  }
}
