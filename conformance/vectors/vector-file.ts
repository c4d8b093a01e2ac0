import { z } from 'zod';
import { listOf } from '../../checker/outside/lists.ts';
import type { JsonDocument } from '../../checker/trace/json.ts';
import { checked, parseJson } from '../json-document.ts';
import { hex, idRegisters, LONGEST_TEXT, memory, span, stamped, streamId } from './fields.ts';

/** Real files have 200 configurations of a dozen accesses, with 300 words of memory and an event each. */
const MAX_CONFIGS = 10_000;
const MAX_ACCESSES = 1000;
const MAX_EVENTS = 16;
const STE_WORDS = 8;

const bit = z.union([z.literal(0), z.literal(1)]);

/** An event, as far as it was recorded: the type, and the other fields of translation-related ones. */
const event = z.strictObject({
  type: hex.transform(Number),
  s2: bit.optional(),
  class: z.enum(['CD', 'TT', 'IN']).optional(),
  rnw: bit.optional(),
  ipa: hex.optional(),
});

const access = z.strictObject({
  iova: hex,
  write: z.boolean(),
  /** Where the access landed; null: nowhere that was seen. */
  pa: hex.nullable(),
  events: listOf(event, MAX_EVENTS),
});

const config = z.strictObject({
  ste: listOf(hex, STE_WORDS).refine((words) => words.length === STE_WORDS, 'expected 8 words'),
  memory,
  accesses: listOf(access, MAX_ACCESSES),
});

/** Vectors of accesses through random two-stage configurations, every cache invalidated before each access. */
const schema = z.strictObject({
  format: z.literal('smmuv3-vectors/1'),
  source: z.string().max(LONGEST_TEXT),
  registers: idRegisters,
  streamId,
  /** Outside these addresses a fetch is an external abort. */
  ram: span,
  /** An access is seen only here. */
  stamped,
  configs: listOf(config, MAX_CONFIGS),
});

export type VectorFile = z.output<typeof schema>;
export type VectorConfig = z.output<typeof config>;
export type VectorAccess = z.output<typeof access>;
export type VectorEvent = z.output<typeof event>;

/**
 * Reads the text of a vector file. `file` is its name, for the error.
 * @throws InputError that says where in the file something else was expected.
 */
export function parseVectorFile(file: string, text: string): VectorFile {
  return vectorFileOf(file, parseJson(file, text));
}

/** As `parseVectorFile`, of a document that is parsed already. */
export function vectorFileOf(file: string, document: JsonDocument): VectorFile {
  return checked(file, document, schema);
}
