import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../checker/files.ts';
import { ROOT } from './committed.ts';

/** What checks said of the designs of each topic; which trace shows a violation is told by the traces. */
const schema = z.strictObject({
  format: z.literal('nestcheck-verdicts/1'),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      runs: z.int(),
      steps: z.int(),
      seed: z.int(),
      scopes: z.array(z.string()),
      designs: z.record(z.string(), z.record(z.string(), z.enum(['holds', 'violated', 'vacuous']))),
    }),
  ),
});

export type Verdicts = z.infer<typeof schema>;
export type TopicVerdicts = Verdicts['topics'][number];

const FILE = join(ROOT, 'docs/generated/decisions/verdicts.json');

export async function readVerdicts(): Promise<Verdicts> {
  return schema.parse(JSON.parse(await readFile(FILE, 'utf8')));
}

export async function writeVerdicts(verdicts: Verdicts): Promise<void> {
  await writeWhole(FILE, `${JSON.stringify(verdicts, null, 2)}\n`);
}
