import { COMMANDS } from '../../model/commands.ts';
import type { Result } from '../../model/world/result.ts';
import type { PlatformChanges } from '../../workload/scopes/platform-changes.ts';
import { jsonText } from '../outside/text.ts';
import type { Trace, TraceStep } from './trace.ts';
import { type JsonValue, toJson } from './values.ts';

type Json = JsonValue | readonly Json[] | { readonly [key: string]: Json };

/** A trace as plain JSON values, keys always in the same order: equal traces give equal texts. */
export function traceToJson(trace: Trace): { readonly [key: string]: Json } {
  return {
    format: trace.format,
    scope: trace.scope,
    ...(trace.platform === undefined ? {} : { platform: plain(trace.platform) }),
    design: inOrder(trace.design),
    defects: trace.defects,
    property: trace.property,
    guarantee: trace.guarantee,
    ...(trace.bound === undefined ? {} : { bound: { ...trace.bound } }),
    steps: trace.steps.map(stepToJson),
    violation: trace.violation,
  };
}

function plain(changes: PlatformChanges): Json {
  return JSON.parse(JSON.stringify(changes)) as Json;
}

/** A step as a trace file has it. */
export function stepToJson(step: TraceStep): { readonly [key: string]: Json } {
  const args: Record<string, JsonValue> = {};
  for (const name of Object.keys(COMMANDS[step.command].args)) {
    const value = step.args[name];
    if (value !== undefined) args[name] = toJson(value);
  }
  return {
    actor: step.actor,
    command: step.command,
    args,
    ...(step.as === undefined ? {} : { as: step.as }),
    result: resultToJson(step.result),
  };
}

function resultToJson(result: Result): Json {
  const out: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(inOrder(result.out))) out[name] = toJson(value);
  return result.ok ? { ok: true, out } : { ok: false, errno: result.errno, out };
}

function inOrder<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const WIDTH = 110;
const INDENT = 2;

/** The text of a trace file: one line for what is small, so that a change of one argument is a change of one line. */
export function printTrace(trace: Trace): string {
  return `${print(traceToJson(trace), 0, 0)}\n`;
}

/** `used`: columns that stand on the line before the value, and one for a comma behind it. */
function print(json: Json, depth: number, used: number): string {
  if (typeof json !== 'object' || json === null) return jsonText(json);
  const entries = Object.entries(json);
  const isArray = Array.isArray(json);
  const [open, close] = isArray ? '[]' : '{}';
  if (entries.length === 0) return `${open}${close}`;
  const inline = inlineOf(json);
  const mayStayInline = depth > 2 || (isArray && entries.every(([, value]) => typeof value === 'string'));
  if (mayStayInline && used + inline.length <= WIDTH) return inline;
  const indent = INDENT * (depth + 1);
  const lines = entries.map(([key, value]) => {
    const label = isArray ? '' : `${jsonText(key)}: `;
    return `${' '.repeat(indent)}${label}${print(value, depth + 1, indent + label.length + 1)}`;
  });
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(INDENT * depth)}${close}`;
}

function inlineOf(json: Json): string {
  if (typeof json !== 'object' || json === null) return jsonText(json);
  if (Array.isArray(json)) return `[${json.map(inlineOf).join(', ')}]`;
  const entries = Object.entries(json);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, value]) => `${jsonText(key)}: ${inlineOf(value)}`).join(', ')} }`;
}
