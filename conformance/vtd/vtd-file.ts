import { z } from 'zod';
import type { JsonDocument } from '../../checker/trace/json.ts';
import { checked } from '../json-document.ts';

/** How much is taken: real files are a twentieth of it. More is refused before anything is replayed. */
const MOST_DEVICES = 256;
const MOST_CONFIGS = 100_000;
const MOST_ACCESSES = 10_000;
const MOST_STEPS = 100_000;
const LONGEST_TEXT = 4096;

const hex = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/i, 'expected a hexadecimal number of at most 64 bits')
  .transform((text) => BigInt(text));

const short = (bits: number) =>
  z
    .string()
    .regex(
      new RegExp(`^0x[0-9a-f]{1,${bits / 4}}$`, 'i'),
      `expected a hexadecimal number of at most ${bits} bits`,
    )
    .transform(Number);

const text = z.string().max(LONGEST_TEXT);
const wordAddress = z.string().regex(/^0x[0-9a-f]{0,15}[08]$/i, 'expected the address of a 64-bit word');

const words = z
  .record(wordAddress, hex)
  .transform((entries) => new Map(Object.entries(entries).map(([address, word]) => [BigInt(address), word])));

const region = z.strictObject({ base: hex, size: hex });
const record = z.tuple([hex, hex]);

const accessFields = {
  /** Index into `devices`. */
  device: z.int().min(0),
  iova: hex,
  write: z.boolean(),
  /** Where the access landed, as far as that was seen. */
  pa: hex.nullable(),
  fsts: short(32),
  /** What a read gave the device. */
  value: short(32).optional(),
  /** Table words that the access changed. */
  changed: words.optional(),
};

const access = z.strictObject({
  ...accessFields,
  fault: z.strictObject({ record, reason: z.int().min(0).max(0xff), sid: short(16) }).optional(),
});

/** Others that were set up (IQA) say nothing that the rest does not. */
const registers = z.object({ RTADDR: hex, GSTS: short(32) }).catchall(hex);
const mode = z.enum(['legacy', 'scalable']);

const config = z.strictObject({
  mode,
  planted: z.array(text).max(MOST_STEPS).optional(),
  name: text.optional(),
  registers,
  invalidatedBy: z.enum(['queue', 'registers']),
  memory: words,
  accesses: z.array(access).max(MOST_ACCESSES),
});

const step = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('store'),
    address: wordAddress.transform((place) => BigInt(place)),
    value: hex,
  }),
  z
    .strictObject({
      op: z.literal('invalidate'),
      name: text,
      descriptor: z.union([z.array(hex).length(2), z.array(hex).length(4)]).optional(),
      registers: z
        .array(z.tuple([short(16), hex]))
        .max(16)
        .optional(),
      readBack: hex.optional(),
    })
    .refine(
      ({ descriptor, registers }) => (descriptor === undefined) !== (registers === undefined),
      'expected either a descriptor or registers',
    ),
  z.strictObject({ op: z.literal('set-root'), RTADDR: hex, GSTS: short(32) }),
  z.strictObject({ op: z.literal('gcmd'), TE: z.union([z.literal(0), z.literal(1)]), GSTS: short(32) }),
  z.strictObject({ op: z.literal('clear') }),
  z.strictObject({ op: z.literal('access'), ...accessFields, record }),
]);

const episode = z.strictObject({
  mode,
  registers,
  memory: words,
  steps: z.array(step).max(MOST_STEPS),
});

const common = {
  implementation: text,
  machine: text,
  qemuArguments: text,
  generator: z.union([text, z.strictObject({ seed: z.int() })]),
  registers: z.strictObject({ VER: hex, CAP: hex, ECAP: hex }),
  hostAddressWidth: z.int().min(30).max(52),
  /** Outside these addresses a fetch is an error. */
  ram: z.array(region).min(1).max(16),
  /** Every aligned 32-bit word here holds its own address. */
  stamped: region,
  devices: z
    .array(z.strictObject({ bdf: text, sid: short(16) }))
    .min(1)
    .max(MOST_DEVICES),
};

/** Every cache was invalidated before each access. */
const vectors = z.strictObject({
  format: z.literal('vtd-vectors/1'),
  ...common,
  configs: z.array(config).max(MOST_CONFIGS),
});

/** Caches were live: each episode begins with empty ones. */
const sequences = z.strictObject({
  format: z.literal('vtd-sequences/1'),
  ...common,
  episodes: z.array(episode).max(MOST_CONFIGS),
});

const schema = z.discriminatedUnion('format', [vectors, sequences]).superRefine((file, context) => {
  const known = file.devices.length;
  const lists =
    file.format === 'vtd-vectors/1'
      ? file.configs.map(({ accesses }, index) => ({ at: ['configs', index, 'accesses'], accesses }))
      : file.episodes.map(({ steps }, index) => ({ at: ['episodes', index, 'steps'], accesses: steps }));
  for (const { at, accesses } of lists) {
    const index = accesses.findIndex((each) => 'device' in each && each.device >= known);
    if (index < 0) continue;
    context.addIssue({
      code: 'custom',
      path: [...at, index, 'device'],
      message: `expected a device below ${known}`,
    });
    return;
  }
});

export type VtdFile = z.output<typeof schema>;
export type VtdVectors = z.output<typeof vectors>;
export type VtdConfig = z.output<typeof config>;
export type VtdAccess = z.output<typeof access>;
export type VtdSequences = z.output<typeof sequences>;
export type VtdEpisode = z.output<typeof episode>;
export type VtdStep = z.output<typeof step>;

/** Whether a document says that it is one of a VT-d unit. */
export function isVtdDocument({ value: document }: JsonDocument): boolean {
  if (typeof document !== 'object' || document === null || !('format' in document)) return false;
  return typeof document.format === 'string' && document.format.startsWith('vtd-');
}

/** @throws InputError that says where in the document something else was expected. */
export function vtdFileOf(file: string, document: JsonDocument): VtdFile {
  return checked(file, document, schema);
}
