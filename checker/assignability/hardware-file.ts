import { readFile } from 'node:fs/promises';
import { z } from 'zod';
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
 * A description of hardware from a JSON file.
 * @throws UsageError in one line: where, what, what was expected.
 */
export async function readHardware(path: string): Promise<IommuHardware> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${path}: ${issue?.path.join('.') || 'the description'}: ${issue?.message}`);
  }
  const contradiction = contradictionIn(parsed.data);
  if (contradiction !== null) throw new UsageError(`${path}: ${contradiction}`);
  return parsed.data;
}
