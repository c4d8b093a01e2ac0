import { z } from 'zod';
import { listOf } from '../../checker/outside/lists.ts';
import type { JsonDocument } from '../../checker/trace/json.ts';
import { checked } from '../json-document.ts';
import { hex, idRegisters, LONGEST_TEXT, memory, register, span, stamped, streamId } from './fields.ts';

/*
 * Version 2 of vector files (docs/vectors.md): whole episodes of an SMMU, with its registers, stream table, queues and caches.
 */

const MOST_REGIONS = 16;
const MOST_EPISODES = 10_000;
const MOST_STEPS = 1000;
const MOST_WORDS = 512;
const MOST_COMMANDS = 256;
const MOST_BYTES = 4096;
/** Of all accesses of a file: each byte of one that faults may be a transaction. */
const MOST_BYTES_IN_ALL = 1 << 20;
/** That an episode stores while it goes on. */
const MOST_STORED = 8192;
/** A DMA that faults may be tried again for every byte of it. */
const MOST_RECORDS = MOST_BYTES;
const RECORD_WORDS = 4;
const COMMAND_WORDS = 2;

const wordsOf = (count: number) =>
  listOf(hex, count).refine((words) => words.length === count, `expected ${count} words`);

const name = z.string().max(LONGEST_TEXT);

const wordAddress = z
  .string()
  .regex(/^0x[0-9a-f]{0,15}[08]$/i, 'expected the address of a 64-bit word')
  .transform((text) => BigInt(text));

/** What software writes. Those of 32 bits, and those of 64. */
const narrow = [
  'CR0',
  'CR2',
  'GBPA',
  'GERRORN',
  'STRTAB_BASE_CFG',
  'CMDQ_PROD',
  'CMDQ_CONS',
  'EVENTQ_PROD',
  'EVENTQ_CONS',
] as const;
const wide = ['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE'] as const;

const store = z.strictObject({
  op: z.literal('store'),
  address: wordAddress,
  words: listOf(hex, MOST_WORDS),
});

const write = z.discriminatedUnion('register', [
  z.strictObject({
    op: z.literal('write'),
    register: z.enum(narrow),
    value: register.transform((value) => BigInt(value)),
  }),
  z.strictObject({ op: z.literal('write'), register: z.enum(wide), value: hex }),
]);

const read = z.strictObject({
  op: z.literal('read'),
  register: z.enum([...narrow, ...wide, 'GERROR']),
  value: hex,
  /** The bits that are compared. */
  mask: hex.optional(),
});

const commands = z.strictObject({
  op: z.literal('commands'),
  commands: listOf(wordsOf(COMMAND_WORDS), MOST_COMMANDS),
});

const take = z.strictObject({ op: z.literal('take') });

/** Bytes of an access that were seen one after the other in memory. */
const run = z.strictObject({
  /** The first of them, counted from the access's first. */
  at: z.int().min(0),
  length: z.int().min(1),
  pa: hex,
});

/** Null: that doubleword was not recorded. */
const record = listOf(hex.nullable(), RECORD_WORDS).refine(
  (words) => words.length === RECORD_WORDS,
  `expected ${RECORD_WORDS} words`,
);

const access = z
  .strictObject({
    op: z.literal('access'),
    streamId,
    iova: hex,
    length: z.int().min(1).max(MOST_BYTES).default(4),
    write: z.boolean(),
    landed: listOf(run, MOST_BYTES).default([]),
    events: listOf(record, MOST_RECORDS).default([]),
    /** The emulator ended by it. */
    ends: z.literal(true).optional(),
  })
  .refine(({ length, landed }) => landed.every((each) => each.at + each.length <= length), {
    path: ['landed'],
    message: 'expected bytes of the access',
  });

const step = z.discriminatedUnion('op', [store, write, read, commands, take, access]);

const episode = z.strictObject({
  name: name.optional(),
  /** As software has written them; those that it has not are as after a reset. */
  registers: z
    .strictObject({
      CR0: register,
      CR2: register,
      GBPA: register,
      STRTAB_BASE: hex,
      STRTAB_BASE_CFG: register,
      CMDQ_BASE: hex,
      EVENTQ_BASE: hex,
    })
    .partial(),
  memory,
  steps: listOf(step, MOST_STEPS),
});

type Episodes = readonly z.output<typeof episode>[];

/** What is bounded in all, and not list by list. */
function inBounds(episodes: Episodes, context: z.RefinementCtx): void {
  let bytes = 0;
  for (const [index, { steps }] of episodes.entries()) {
    let stored = 0;
    for (const [number, step] of steps.entries()) {
      if (step.op === 'access') bytes += step.length;
      if (step.op === 'store') stored += step.words.length;
      const most =
        bytes > MOST_BYTES_IN_ALL
          ? `${MOST_BYTES_IN_ALL} bytes of accesses`
          : `${MOST_STORED} words stored in an episode`;
      if (bytes <= MOST_BYTES_IN_ALL && stored <= MOST_STORED) continue;
      context.addIssue({
        code: 'custom',
        path: [index, 'steps', number],
        message: `expected at most ${most}`,
      });
      return;
    }
  }
}

const schema = z.strictObject({
  format: z.literal('smmuv3-vectors/2'),
  source: name,
  registers: idRegisters,
  ram: listOf(span, MOST_REGIONS),
  stamped,
  episodes: listOf(episode, MOST_EPISODES).superRefine(inBounds),
});

export type SequenceFile = z.output<typeof schema>;
export type Episode = z.output<typeof episode>;
export type Step = z.output<typeof step>;
export type StepOf<Op extends Step['op']> = Extract<Step, { op: Op }>;
export type RegisterName = StepOf<'read'>['register'];

/** Whether a document says that it is of this version. */
export function isSequenceDocument({ value }: JsonDocument): boolean {
  return (
    typeof value === 'object' && value !== null && 'format' in value && value.format === 'smmuv3-vectors/2'
  );
}

/** @throws InputError that says where in the document something else was expected. */
export function sequenceFileOf(file: string, document: JsonDocument): SequenceFile {
  return checked(file, document, schema);
}
