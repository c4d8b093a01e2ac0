import { z } from 'zod';
import { listOf } from '../outside/lists.ts';
import { oneLine } from '../outside/text.ts';
import { type JsonDocument, JsonError, readJson } from '../trace/json.ts';
import { MAX_STEPS, MAX_TRACE_LENGTH } from '../trace/limits.ts';
import { parseTrace, TraceError } from '../trace/parse.ts';
import { TRACE_FORMAT, type Trace } from '../trace/trace.ts';
import { INITIAL, VARIABLES } from './encode.ts';
import { fromItf } from './values.ts';

const action = z.looseObject({ tag: z.string(), value: z.unknown() });

/** The outer form of what `traceToItf` makes. */
const schema = z.looseObject({
  '#meta': z.looseObject({
    format: z.literal('ITF'),
    scope: z.unknown(),
    platform: z.unknown().optional(),
    design: z.unknown(),
    defects: z.unknown(),
    property: z.unknown(),
    guarantee: z.unknown(),
    bound: z.unknown().optional(),
    violation: z.unknown(),
  }),
  vars: listOf(z.string(), 64).refine((vars) => VARIABLES.every((name) => vars.includes(name)), {
    message: `expected the variables ${VARIABLES.join(', ')}`,
  }),
  states: listOf(z.looseObject({ action, answer: z.unknown(), world: z.unknown() }), MAX_STEPS + 1).refine(
    (states) => states.length > 0,
    'expected at least one state',
  ),
});

/** Whether a text looks like ITF: its first key is the one that the format reserves for what a trace says of itself. */
export function isItf(text: string): boolean {
  return /^\s*\{\s*"#meta"/.test(text);
}

/**
 * Reads a trace in the Informal Trace Format as `traceToItf` writes it. The worlds are not looked at: a replay makes
 * them anew.
 * @throws TraceError and nothing else.
 */
export function traceFromItf(text: string): Trace {
  const document = readDocument(text);
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    const where = path.length === 0 ? 'the trace' : oneLine(path.map(String).join('.'), 100);
    throw new TraceError(
      `${where}: ${oneLine(issue?.message ?? 'no ITF trace', 160)}`,
      document.lineOf(path),
    );
  }
  const { scope, platform, design, defects, property, guarantee, bound, violation } = parsed.data['#meta'];
  const steps = parsed.data.states.flatMap(({ action: { tag, value: call }, answer }) => {
    if (tag === INITIAL) return [];
    return [{ ...record(fromItf(call)), command: tag, result: fromItf(answer) }];
  });
  const about = { scope, platform, design, defects, property, guarantee, bound };
  const trace = { format: TRACE_FORMAT, ...about, steps, violation };
  return parseTrace(JSON.stringify(trace));
}

function readDocument(text: string): JsonDocument {
  if (text.length > MAX_TRACE_LENGTH)
    throw new TraceError(`expected at most ${MAX_TRACE_LENGTH} characters`, 1);
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw new TraceError(error.message, error.line);
    throw error;
  }
}

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
