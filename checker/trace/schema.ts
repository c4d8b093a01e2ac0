import { z } from 'zod';
import { ERRNO, type Errno } from '../../spec/errno.ts';
import { BOUND_ALPHABETS, GUARANTEES, TRACE_FORMAT } from './trace.ts';

/** Steps in one trace file. */
export const MAX_STEPS = 10_000;

const text = z.string().max(4096);
const label = z.string().min(1).max(256);

/** Arguments and outputs by name; what each may hold depends on the command (`values.ts`). */
const fields = z
  .record(label, z.unknown())
  .refine((record) => Object.keys(record).length <= 64, 'at most 64 entries');

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
  design: z
    .record(label, z.string().max(1024))
    .refine((record) => Object.keys(record).length <= 64, 'at most 64 entries'),
  defects: z.array(label).max(64),
  property: label.nullable(),
  guarantee: z.enum(GUARANTEES).nullable(),
  bound: z.strictObject({ depth: z.int().min(0), alphabet: z.enum(BOUND_ALPHABETS) }).optional(),
  steps: z.array(step).max(MAX_STEPS),
  violation: text.nullable(),
});

export type RawTrace = z.infer<typeof traceSchema>;
export type RawStep = RawTrace['steps'][number];
