import type { z } from 'zod';
import type { ArgValue } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { CommandName } from '../../model/world/command.ts';
import type { Out, Result } from '../../model/world/result.ts';
import { ACTOR_EXPECTATION, isActor } from '../../spec/command/actor.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { expectation } from '../../spec/command/fits.ts';
import { oneLine } from '../outside/text.ts';
import { type JsonDocument, JsonError, type JsonPath, readJson } from './json.ts';
import { MAX_TRACE_LENGTH } from './limits.ts';
import { type RawStep, traceSchema } from './schema.ts';
import { TRACE_FORMAT, type Trace, type TraceStep } from './trace.ts';
import { isName, readArg, readOutput } from './values.ts';

/** Why a text is no trace: what was expected, and the line (from 1) where something else stands. */
export class TraceError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'TraceError';
    this.line = line;
  }
}

/**
 * Reads a trace file's text, strictly: unknown keys, commands and arguments are errors.
 * @throws TraceError and nothing else.
 */
export function parseTrace(text: string): Trace {
  if (text.length > MAX_TRACE_LENGTH)
    throw new TraceError(`expected at most ${MAX_TRACE_LENGTH} characters`, 1);
  const document = readDocument(text);
  const parsed = traceSchema.safeParse(document.value);
  if (!parsed.success) throw schemaError(parsed.error, document);
  const { bound, ...about } = parsed.data;
  const { property, violation } = about;
  const fail: Fail = (message, path) => {
    throw new TraceError(`${pathName(path)}: ${message}`, document.lineOf(path));
  };
  if ((property === null) !== (violation === null))
    fail('expected both a property and its violation, or null for both', ['violation']);
  return {
    ...about,
    ...(bound === undefined ? {} : { bound }),
    format: TRACE_FORMAT,
    steps: about.steps.map((step, index) => readStep(step, ['steps', index], fail)),
  };
}

type Fail = (message: string, path: JsonPath) => never;

function readDocument(text: string): JsonDocument {
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw new TraceError(error.message, error.line);
    throw error;
  }
}

function schemaError(error: z.ZodError, document: JsonDocument): TraceError {
  const issue = error.issues[0];
  if (issue === undefined) return new TraceError('not a trace', 1);
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const where = path.length === 0 ? 'the trace' : pathName(path);
  return new TraceError(`${where}: ${oneLine(issue.message, 160)}`, document.lineOf(path));
}

/** `steps[2].args.fd`, as JavaScript would write it. */
function pathName(path: JsonPath): string {
  let name = '';
  for (const key of path) {
    if (typeof key === 'number') name += `[${key}]`;
    else name += name === '' ? String(key) : `.${String(key)}`;
  }
  return oneLine(name, 100);
}

function readStep(step: RawStep, path: JsonPath, fail: Fail): TraceStep {
  if (!Object.hasOwn(COMMANDS, step.command)) {
    return fail(
      `unknown command '${oneLine(step.command)}'; expected one of ${Object.keys(COMMANDS).join(', ')}`,
      [...path, 'command'],
    );
  }
  if (!isActor(step.actor)) return fail(`expected ${ACTOR_EXPECTATION}`, [...path, 'actor']);
  const command = step.command as CommandName;
  const shape: CommandDeclaration = COMMANDS[command];
  const args: Record<string, ArgValue> = {};
  for (const [name, given] of Object.entries(step.args)) {
    const at = [...path, 'args', name];
    const arg = Object.hasOwn(shape.args, name) ? shape.args[name] : undefined;
    if (arg === undefined) {
      const known = Object.keys(shape.args).join(', ') || 'no arguments';
      return fail(`unknown argument of ${command}; expected ${known}`, at);
    }
    const value = readArg(arg, given);
    if (value === undefined) return fail(`expected ${expectation(arg)}`, at);
    args[name] = value;
  }
  const { as } = step;
  const result = readResult(step.result, [...path, 'result', 'out'], fail);
  if (as === undefined) return { actor: step.actor, command, args, result };
  if (!isName(as))
    fail('expected a name: words of letters, digits, _ and -, with dots between', [...path, 'as']);
  if (shape.binds.length === 0) fail(`${command} makes nothing that could have a name`, [...path, 'as']);
  return { actor: step.actor, command, args, as, result };
}

function readResult(raw: RawStep['result'], path: JsonPath, fail: Fail): Result {
  const out: Record<string, Out[string]> = {};
  for (const [name, json] of Object.entries(raw.out)) {
    out[name] =
      readOutput(json) ?? fail('expected a number, a 64-bit value or 64-bit words', [...path, name]);
  }
  return raw.ok ? { ok: true, out } : { ok: false, errno: raw.errno, out };
}
