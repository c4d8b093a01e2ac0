import type { z } from 'zod';
import { oneLine } from '../checker/outside/text.ts';
import { readText, TooLong } from '../checker/read-text.ts';
import { type JsonDocument, JsonError, readJson } from '../checker/trace/json.ts';
import { InputError } from './input-error.ts';

/** The most that a file may hold, unpacked. Real ones are below 5 MB; a small gzip file must not fill the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The text of a file of vectors, `.json` or `.json.gz`.
 * @throws InputError if it cannot be read or unpacked.
 */
export async function textOfVectors(path: string): Promise<string> {
  try {
    return await readText(path, MAX_BYTES);
  } catch (error) {
    throw new InputError(path, null, expected(error));
  }
}

function expected(error: unknown): string {
  if (error instanceof TooLong) return `expected ${error.message}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'expected UTF-8 text';
  return code?.startsWith('Z_')
    ? `expected a whole gzip file (${code})`
    : `expected a readable file (${code})`;
}

/** @throws InputError that says where the text is no JSON document. */
export function parseJson(file: string, text: string): JsonDocument {
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonError)
      throw new InputError(file, error.line, `expected a JSON document (${error.message})`);
    throw error;
  }
}

/** @throws InputError that says where in the document something else was expected. */
export function checked<Schema extends z.ZodType>(
  file: string,
  document: JsonDocument,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const expected = `at ${oneLine(placeOf(path), 100)}: ${oneLine(issue?.message ?? 'not a vector file', 160)}`;
  throw new InputError(file, document.lineOf(path), expected);
}

/** A path in the document as JavaScript would write it: `configs[3].accesses[0].iova`. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the top level';
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
