import type { Rules } from '../../model/rules.ts';
import { COMMANDS } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { type Call, resolveCall } from '../../workload/commands/call.ts';
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

/** Makes the calls anew on a scope's platform, and tells each. */
export function tell(scope: Scope, rules: Rules, calls: readonly Call[]): readonly ToldStep[] {
  const execution = new Execution({ scope, rules }, NOTHING);
  const names = new ObjectNames();
  return calls.map((call) => {
    const { world, bindings } = execution;
    const { result, effects } = execution.apply(call);
    names.add(call, resolveCall(call, bindings), result, execution.world);
    return {
      call,
      text: callText(call),
      ok: result.ok,
      answer: answerText(call, result),
      effects: effects.map(tellEffect),
      changes: changes(world, execution.world)
        .filter(({ path }) => !BOOKKEEPING.has(path[0] ?? ''))
        .map((change) => changeText(change, names)),
    };
  });
}

/** The outcome, what it made by name, and what else it gave back. */
function answerText(call: Call, result: Result): string {
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
