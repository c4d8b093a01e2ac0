import { z } from 'zod';
import { InputError } from '../input-error.ts';

const hex = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/i, 'expected a hexadecimal number of at most 64 bits')
  .transform((text) => BigInt(text));

const register = z
  .string()
  .regex(/^0x[0-9a-f]{1,8}$/i, 'expected a hexadecimal number of at most 32 bits')
  .transform(Number);

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
  events: z.array(event),
});

const memory = z.record(z.string().regex(/^0x[0-9a-f]{1,15}[08]$/i), hex);

const config = z.strictObject({
  ste: z.array(hex).length(8),
  memory: memory.transform(
    (words) => new Map(Object.entries(words).map(([address, word]) => [BigInt(address), word])),
  ),
  accesses: z.array(access),
});

/** Vectors of accesses through random two-stage configurations, every cache invalidated before each access. */
const schema = z.strictObject({
  format: z.literal('smmuv3-vectors/1'),
  source: z.string(),
  registers: z.strictObject({
    IDR0: register,
    IDR1: register,
    IDR2: register,
    IDR3: register,
    IDR4: register,
    IDR5: register,
    IIDR: register,
    AIDR: register,
  }),
  streamId: z.int().min(0).max(0xffff_ffff),
  /** Outside these addresses a fetch is an external abort. */
  ram: z.strictObject({ start: hex, end: hex }),
  /** Every aligned 32-bit word here holds its own address; an access is seen only here. */
  stamped: z.strictObject({ start: hex, length: hex }),
  configs: z.array(config),
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
  const parsed = schema.safeParse(parseJson(file, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(
    file,
    null,
    `at ${placeOf(issue?.path ?? [])}: ${issue?.message ?? 'not a vector file'}`,
  );
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine names the place by an offset or by the text around it, depending on the error.
    const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : '';
    const offset = /position (\d+)/.exec(message)?.[1];
    const line = offset === undefined ? null : text.slice(0, Number(offset)).split('\n').length;
    throw new InputError(file, line, `expected a JSON document (${message})`);
  }
}

/** A path in the document as JavaScript would write it: `configs[3].accesses[0].iova`. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the top level';
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
