import { type Call, resolveCall } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Rules } from '../../model/rules.ts';
import type { Step } from '../../model/step.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { Execution } from '../run.ts';
import { NOTHING } from '../watch.ts';
import { type Change, changes, pathText, valueText } from './changes.ts';
import { type ToldEffect, tellEffect } from './effects.ts';
import { ObjectNames } from './names.ts';
import { callText, outText } from './values.ts';

/** A call as it is told to a reader. */
export interface ToldStep {
  readonly call: Call;
  /** `command(arg=value, …)` */
  readonly text: string;
  readonly ok: boolean;
  /** `ok ioas0=1` or `EINVAL` */
  readonly answer: string;
  readonly effects: readonly ToldEffect[];
  /** What changed in the world, one leaf each: `hwpt0.users: 1 -> 2`. */
  readonly changes: readonly string[];
}

/** Parts of the world that only mirror the answers: descriptors and the files behind them. */
const BOOKKEEPING: ReadonlySet<string | number> = new Set(['processes', 'files']);

/** What was told last of these calls: a page draws the same ones in several ways. */
const TOLD = new WeakMap<
  readonly Call[],
  { readonly scope: Scope; readonly rules: Rules; readonly told: readonly ToldStep[] }
>();

/** Makes the calls anew on a scope's platform, and tells each. */
export function tell(scope: Scope, rules: Rules, calls: readonly Call[]): readonly ToldStep[] {
  const last = TOLD.get(calls);
  if (last !== undefined && last.scope === scope && last.rules === rules) return last.told;
  const told = toldAnew(scope, rules, calls);
  TOLD.set(calls, { scope, rules, told });
  return told;
}

function toldAnew(scope: Scope, rules: Rules, calls: readonly Call[]): readonly ToldStep[] {
  const execution = new Execution({ scope, rules }, NOTHING);
  const names = new ObjectNames();
  return calls.map((call) => {
    const { world, bindings } = execution;
    const done = execution.apply(call);
    names.add(call, resolveCall(call, bindings), done.result, execution.world);
    return tellStep(call, world, done, names);
  });
}

/** One call that was made in a world, told; `names` know what it made. */
export function tellStep(call: Call, before: World, done: Step, names: ObjectNames): ToldStep {
  const { world, result, effects } = done;
  return {
    call,
    // What a refused call would have made has its name in no answer.
    text: callText(call) + (result.ok || call.as === undefined ? '' : ` as ${call.as}`),
    ok: result.ok,
    answer: answerText(call, result),
    effects: effects.map(tellEffect),
    changes: toldChanges(before, world).map((change) => changeText(change, names)),
  };
}

/** What changed, without what only mirrors answers. */
export function toldChanges(before: World, after: World): readonly Change[] {
  return changes(before, after).filter(({ path }) => !BOOKKEEPING.has(path[0] ?? ''));
}

/** The outcome, what it made by name, and what else it gave back. */
export function answerText(call: Call, result: Result): string {
  const named = new Map(
    call.as === undefined
      ? []
      : COMMANDS[call.command].binds.map(({ suffix, out }) => [out, call.as + suffix]),
  );
  const fields = Object.entries(result.out)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([out, value]) => ` ${named.get(out) ?? out}=${outText(call, out, value)}`);
  return (result.ok ? 'ok' : result.errno) + fields.join('');
}

function changeText({ path, before, after }: Change, names: ObjectNames): string {
  const object = names.resolve(path);
  const where = object === null ? pathText(path) : pathText([object.name, ...object.rest]);
  if (isNothing(before)) return `+ ${where}: ${valueText(after)}`;
  // What went from a numbered place is told by the place, what went from a set by itself.
  if (isNothing(after))
    return typeof path.at(-1) === 'number' ? `- ${where}` : `- ${where}: ${valueText(before)}`;
  return `${where}: ${valueText(before)} -> ${valueText(after)}`;
}

/** A place where nothing is: an element that a list has not, or a slot that is free. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}
