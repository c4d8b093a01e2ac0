import type { z } from 'zod';
import { readText, TooLong } from '../checker/read-text.ts';
import { InputError } from './input-error.ts';

/** The most that a file may hold, unpacked. Real ones are below 5 MB; a small gzip file must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

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
  if (error instanceof TooLong) return `expected ${error.message} of vectors`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'expected UTF-8 text';
  return code?.startsWith('Z_')
    ? `expected a whole gzip file (${code})`
    : `expected a readable file (${code})`;
}

/** @throws InputError that says where the text is no JSON document. */
export function parseJson(file: string, text: string): unknown {
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

/** @throws InputError that says where in the document something else was expected. */
export function checked<Schema extends z.ZodType>(
  file: string,
  document: unknown,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(
    file,
    null,
    `at ${placeOf(issue?.path ?? [])}: ${issue?.message ?? 'not a vector file'}`,
  );
}

/** A path in the document as JavaScript would write it: `configs[3].accesses[0].iova`. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the top level';
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
