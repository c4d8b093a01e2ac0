import { z } from 'zod';
import { ERRNO, type Errno } from '../../spec/errno.ts';
import { listOf, recordOf } from '../outside/lists.ts';
import { isPrintableLine } from '../outside/text.ts';
import { changesSchema } from '../platform/schema.ts';
import {
  MAX_DEFECTS,
  MAX_DESIGN,
  MAX_DESIGNS,
  MAX_FIELDS,
  MAX_PATH,
  MAX_STEPS,
  MAX_VIOLATION,
} from './limits.ts';
import { BOUND_ALPHABETS, GUARANTEES, TRACE_FORMAT } from './trace.ts';

const PRINTABLE = 'expected one line of printable characters';

const text = z.string().max(MAX_VIOLATION).refine(isPrintableLine, PRINTABLE);
const label = z.string().min(1).max(256).refine(isPrintableLine, PRINTABLE);

/** An axis of designs, or the path of a user's module. */
const designKey = z.string().min(1).max(MAX_PATH).refine(isPrintableLine, PRINTABLE);

/** Arguments and outputs by name; what each may hold depends on the command (`values.ts`). */
const fields = recordOf(label, z.unknown(), MAX_FIELDS);

const result = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), out: fields }),
  z.strictObject({ ok: z.literal(false), errno: z.enum(Object.keys(ERRNO) as Errno[]), out: fields }),
]);

const step = z.strictObject({
  actor: label,
  command: label,
  args: fields,
  as: z.string().optional(),
  result,
});

/** The outer form of a trace file: what zod can say of it without knowing the commands. */
export const traceSchema = z.strictObject({
  format: z.literal(TRACE_FORMAT),
  scope: label,
  platform: changesSchema.exactOptional(),
  design: recordOf(designKey, z.string().max(MAX_DESIGN).refine(isPrintableLine, PRINTABLE), MAX_DESIGNS),
  defects: listOf(label, MAX_DEFECTS),
  property: label.nullable(),
  guarantee: z.enum(GUARANTEES).nullable(),
  bound: z.strictObject({ depth: z.int().min(0), alphabet: z.enum(BOUND_ALPHABETS) }).optional(),
  steps: listOf(step, MAX_STEPS),
  violation: text.nullable(),
});

export type RawTrace = z.infer<typeof traceSchema>;
export type RawStep = RawTrace['steps'][number];
