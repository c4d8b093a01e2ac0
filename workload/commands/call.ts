import type { Command, CommandName, Words } from '../../model/world/command.ts';
import type { Out, Result } from '../../model/world/result.ts';
import { type ArgShape, type CommandShape, SHAPES } from './shapes.ts';

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

/** The complete command, with names resolved and defaults filled in. */
export function resolveCall(call: Call, bindings: Bindings): Command {
  const shape: CommandShape = SHAPES[call.command];
  const args: Record<string, ArgValue> = {};
  for (const name in shape.args) {
    const given = call.args[name];
    const arg = shape.args[name] as ArgShape;
    args[name] = given === undefined ? defaultOf(arg) : resolveValue(arg, given, bindings);
  }
  // The shapes are made from the same tables as the command types.
  return { actor: call.actor, command: call.command, args } as unknown as Command;
}

function resolveValue(arg: ArgShape, given: ArgValue, bindings: Bindings): ArgValue {
  if (arg.kind === 'handle' && typeof given === 'string')
    return Object.hasOwn(bindings, given) ? (bindings[given] ?? NEVER_ID) : NEVER_ID;
  return given;
}

/** What an argument is when a trace leaves it out. */
export function defaultOf(arg: ArgShape): ArgValue {
  switch (arg.kind) {
    case 'handle':
      return 0;
    case 'number':
      return arg.default;
    case 'u64':
      return 0n;
    case 'bool':
      return false;
    case 'pointer':
      return 'buffer';
    case 'words':
      return null;
    case 'text':
      return '';
  }
}

/** The bindings after a call: what it made now has the call's name. */
export function bindResult(call: Call, result: Result, bindings: Bindings): Bindings {
  if (call.as === undefined || !result.ok) return bindings;
  const added: Record<string, number> = {};
  for (const { suffix, out } of SHAPES[call.command].binds) {
    const value = (result.out as Out)[out];
    if (typeof value === 'number') added[call.as + suffix] = value;
  }
  return { ...bindings, ...added };
}
