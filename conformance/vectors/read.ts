import { readText, TooLong } from '../../checker/read-text.ts';
import { InputError } from '../input-error.ts';
import { parseVectorFile, type VectorFile } from './vector-file.ts';

/** The most that a file may hold, unpacked. Real ones are below 2 MB; a small gzip file must not fill the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a vector file, `.json` or `.json.gz`.
 * @throws InputError if it cannot be read, unpacked or understood.
 */
export async function readVectorFile(path: string): Promise<VectorFile> {
  return parseVectorFile(path, await textOf(path));
}

async function textOf(path: string): Promise<string> {
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
