import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '../input-error.ts';
import { parseVectorFile, type VectorFile } from './vector-file.ts';

/** The most that a file may unpack to. Real ones are below 2 MB; a small gzip file must not fill the memory. */
const MAX_BYTES = 256 * 1024 * 1024;

const unpack = promisify(gunzip);

/**
 * Reads a vector file, `.json` or `.json.gz`.
 * @throws InputError if it cannot be read, unpacked or understood.
 */
export async function readVectorFile(path: string): Promise<VectorFile> {
  const bytes = await readBytes(path);
  return parseVectorFile(path, decodeUtf8(path, path.endsWith('.gz') ? await gunzipped(path, bytes) : bytes));
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(path, null, `expected a readable file (${codeOf(error)})`);
  }
}

async function gunzipped(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw new InputError(path, null, `expected a whole gzip file (${codeOf(error)})`);
  }
}

function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(path, null, 'expected UTF-8 text');
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
