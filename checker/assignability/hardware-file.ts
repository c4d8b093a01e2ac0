import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ALL_HARDWARE } from '../../spec/pasid/descriptions.ts';
import {
  ALLOCATIONS,
  contradictionIn,
  ENTRY_FORMS,
  GRANULARITIES,
  type IommuHardware,
  TABLE_POINTERS,
} from '../../spec/pasid/hardware.ts';
import { UsageError } from '../select/usage-error.ts';

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,40}$/, 'a short name of lower-case letters, digits, dots and dashes'),
  summary: z.string().max(400),
  source: z.string().max(400),
  withPasid: z.array(z.enum(ENTRY_FORMS)),
  withoutPasid: z.array(z.enum(ENTRY_FORMS)),
  stage2Root: z.enum(GRANULARITIES),
  nestingAttribute: z.enum(GRANULARITIES),
  pasidTable: z.enum(TABLE_POINTERS),
  allocation: z.enum(ALLOCATIONS),
  slicesTagged: z.boolean(),
  translatesPasids: z.boolean(),
});

/**
 * The hardware that is named: descriptions that come with the model, by their names, and JSON files.
 * @throws UsageError in one line: where, what, what was expected.
 */
export async function selectHardware(words: readonly string[]): Promise<readonly IommuHardware[]> {
  const selected: IommuHardware[] = [];
  for (const word of words) {
    const hardware = ALL_HARDWARE.find(({ name }) => name === word) ?? (await readHardware(word));
    if (selected.some(({ name }) => name === hardware.name))
      throw new UsageError(`${word}: there are two descriptions of the name ${hardware.name}`);
    selected.push(hardware);
  }
  return selected;
}

/**
 * A description of hardware from a JSON file.
 * @throws UsageError in one line: where, what, what was expected.
 */
export async function readHardware(path: string): Promise<IommuHardware> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const names = ALL_HARDWARE.map(({ name }) => name).join(', ');
    throw new UsageError(`${path}: ${reasonOf(error)}; expected a JSON file, or one of ${names}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: ${reasonOf(error)}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${path}: ${issue?.path.join('.') || 'the description'}: ${issue?.message}`);
  }
  const hardware = parsed.data;
  const contradiction = contradictionIn(hardware);
  if (contradiction !== null) throw new UsageError(`${path}: ${contradiction}`);
  // The thread is compared with by name, and traces name their platform after the hardware.
  const namesake = ALL_HARDWARE.find(({ name }) => name === hardware.name);
  if (namesake !== undefined && !isDeepStrictEqual(namesake, hardware))
    throw new UsageError(`${path}: name: ${hardware.name} comes with nestcheck; expected another name`);
  return hardware;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
