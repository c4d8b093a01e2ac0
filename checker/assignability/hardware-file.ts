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
import { isPrintableLine, oneLine } from '../outside/text.ts';
import { jsonFile } from '../select/json-file.ts';
import { inFile, UsageError } from '../select/usage-error.ts';

const PRINTABLE = 'expected one line of printable characters';

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,40}$/, 'a short name of lower-case letters, digits, dots and dashes'),
  summary: z.string().max(400).refine(isPrintableLine, PRINTABLE),
  source: z.string().max(400).refine(isPrintableLine, PRINTABLE),
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
      throw new UsageError(inFile(word, null, `there are two descriptions of the name ${hardware.name}`));
    selected.push(hardware);
  }
  return selected;
}

/**
 * A description of hardware from a JSON file.
 * @throws UsageError in one line: where, what, what was expected.
 */
export async function readHardware(path: string): Promise<IommuHardware> {
  const document = await jsonFile(path, LIMITS);
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = oneLine(issue?.path.map(String).join('.') || 'the description', 100);
    const line = document.lineOf(issue?.path ?? []);
    throw new UsageError(inFile(path, line, `${where}: ${oneLine(issue?.message ?? 'out of shape', 160)}`));
  }
  const hardware = parsed.data;
  const contradiction = contradictionIn(hardware);
  if (contradiction !== null) throw new UsageError(inFile(path, null, contradiction));
  // The thread is compared with by name, and traces name their platform after the hardware.
  const namesake = ALL_HARDWARE.find(({ name }) => name === hardware.name);
  if (namesake !== undefined && !isDeepStrictEqual(namesake, hardware))
    throw new UsageError(
      inFile(path, null, `name: ${hardware.name} comes with nestcheck; expected another name`),
    );
  return hardware;
}

/** Real descriptions have below one thousand bytes. */
const LIMITS = {
  bytes: 64 * 1024,
  values: 1000,
  what: `a JSON file, or one of ${ALL_HARDWARE.map(({ name }) => name).join(', ')}`,
};
