import { z } from 'zod';
import { JsonError, readJson } from '../trace/json.ts';
import { MAX_TRACE_LENGTH, parseTrace, TraceError } from '../trace/parse.ts';
import { MAX_STEPS } from '../trace/schema.ts';
import { TRACE_FORMAT, type Trace } from '../trace/trace.ts';
import { INITIAL, VARIABLES } from './encode.ts';
import { fromItf } from './values.ts';

const action = z.looseObject({ tag: z.string(), value: z.unknown() });

/** The outer form of what `traceToItf` makes. */
const schema = z.looseObject({
  '#meta': z.looseObject({
    format: z.literal('ITF'),
    scope: z.unknown(),
    design: z.unknown(),
    defects: z.unknown(),
    property: z.unknown(),
    guarantee: z.unknown(),
    bound: z.unknown().optional(),
    violation: z.unknown(),
  }),
  vars: z.array(z.string()).refine((vars) => VARIABLES.every((name) => vars.includes(name)), {
    message: `expected the variables ${VARIABLES.join(', ')}`,
  }),
  states: z
    .array(z.looseObject({ action, answer: z.unknown(), world: z.unknown() }))
    .min(1)
    .max(MAX_STEPS + 1),
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
  const parsed = schema.safeParse(readDocument(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TraceError(`${issue?.path.join('.')}: ${issue?.message ?? 'no ITF trace'}`, 1);
  }
  const { scope, design, defects, property, guarantee, bound, violation } = parsed.data['#meta'];
  const steps = parsed.data.states.flatMap(({ action: { tag, value: call }, answer }) => {
    if (tag === INITIAL) return [];
    return [{ ...record(fromItf(call)), command: tag, result: fromItf(answer) }];
  });
  const about = { scope, design, defects, property, guarantee, bound };
  const trace = { format: TRACE_FORMAT, ...about, steps, violation };
  return parseTrace(JSON.stringify(trace));
}

function readDocument(text: string): unknown {
  if (text.length > MAX_TRACE_LENGTH)
    throw new TraceError(`expected at most ${MAX_TRACE_LENGTH} characters`, 1);
  try {
    return readJson(text).value;
  } catch (error) {
    if (error instanceof JsonError) throw new TraceError(error.message, error.line);
    throw error;
  }
}

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
