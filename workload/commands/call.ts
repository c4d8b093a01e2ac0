import {
  COMMANDS,
  type Command,
  type CommandName,
  isCommandName,
  type Words,
} from '../../model/world/command.ts';
import { CommandError, DECLARED, type Declared, isKnownActor } from '../../model/world/door.ts';
import type { Out, Result } from '../../model/world/result.ts';
import { ACTOR_EXPECTATION } from '../../spec/command/actor.ts';
import type { Argument } from '../../spec/command/argument.ts';
import { expectation, fits } from '../../spec/command/fits.ts';
import { numberOfText } from '../../spec/command/names.ts';

/** A value in a trace. Names of objects and descriptors are strings, and so are pointers and devices. */
export type ArgValue = number | bigint | boolean | string | Words | null;

/**
 * A command as a trace has it: objects by the names that earlier calls gave them, arguments at their defaults left
 * out. Any subsequence of a trace is a legal trace: a name that nothing bound stands for an id that never existed.
 */
export interface Call {
  readonly actor: string;
  readonly command: CommandName;
  readonly args: Readonly<Record<string, ArgValue>>;
  /** The name for what the call makes. */
  readonly as?: string;
}

/** What the names of a trace stand for at some point of it. */
export type Bindings = Readonly<Record<string, number>>;

/** Before anything was bound. */
export const NO_BINDINGS: Bindings = Object.freeze({});

/** An id that no object ever has, and (as it is no descriptor either) what an unbound name stands for. */
export const NEVER_ID = 0x7fff_ffff;

/**
 * The complete command, with names resolved and defaults filled in. This is the door: what it gives is fit for `step`.
 * @throws CommandError where the actor is none, or an argument is unknown or out of its range.
 */
export function resolveCall(call: Call, bindings: Bindings): Command {
  const { actor, command, args: given } = call;
  if (!isCommandName(command)) throw new CommandError(`unknown command '${String(command).slice(0, 40)}'`);
  if (!isKnownActor(actor)) throw new CommandError(`${command}: actor: expected ${ACTOR_EXPECTATION}`);
  const args: Record<string, ArgValue> = {};
  const declared = DECLARED[command];
  let used = 0;
  for (let at = 0; at < declared.length; at++) {
    const { name, argument, standard } = declared[at] as Declared;
    const value = given[name];
    if (value === undefined) {
      args[name] = standard;
      continue;
    }
    used++;
    const resolved = resolveValue(argument, value, bindings);
    if (!fits(argument, resolved))
      throw new CommandError(`${command}: ${name}: expected ${expectation(argument)}`);
    args[name] = resolved;
  }
  if (used < Object.keys(given).length) refuseUnknown(command, given);
  // The declarations are what the command types are made of.
  return { actor, command, args } as unknown as Command;
}

function refuseUnknown(command: CommandName, given: Call['args']): void {
  const known = COMMANDS[command].args;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).join(', ') || 'no arguments';
  throw new CommandError(`${command}: unknown argument '${unknown.slice(0, 40)}'; expected ${names}`);
}

function resolveValue(argument: Argument, given: ArgValue, bindings: Bindings): ArgValue {
  if (typeof given !== 'string') return given;
  if (argument.kind === 'handle')
    return Object.hasOwn(bindings, given) ? (bindings[given] ?? NEVER_ID) : NEVER_ID;
  return argument.kind === 'number' ? (numberOfText(argument, given) ?? given) : given;
}

/** The bindings after a call: what it made now has the call's name. */
export function bindResult(call: Call, result: Result, bindings: Bindings): Bindings {
  if (call.as === undefined || !result.ok) return bindings;
  const added: Record<string, number> = {};
  for (const { suffix, out } of COMMANDS[call.command].binds) {
    const value = (result.out as Out)[out];
    if (typeof value === 'number') added[call.as + suffix] = value;
  }
  return { ...bindings, ...added };
}
