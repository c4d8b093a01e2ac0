import { readText, TooLong } from '../read-text.ts';
import { type JsonDocument, JsonError, readJson } from '../trace/json.ts';
import { inFile, UsageError } from './usage-error.ts';

/** How much a JSON file of a user's may hold, and what it is to be, in words. */
interface Expected {
  readonly bytes: number;
  readonly values: number;
  readonly what: string;
}

/**
 * The JSON document in a file that a user names.
 * @throws UsageError where it cannot be read, holds too much, or is no JSON.
 */
export async function jsonFile(path: string, { bytes, values, what }: Expected): Promise<JsonDocument> {
  const text = await textOf(path, bytes, what);
  try {
    return readJson(text, values);
  } catch (error) {
    if (error instanceof JsonError) throw new UsageError(inFile(path, error.line, error.message));
    throw error;
  }
}

async function textOf(path: string, bytes: number, what: string): Promise<string> {
  try {
    return await readText(path, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = error instanceof TooLong ? `expected ${error.message}` : `cannot be read (${code})`;
    throw new UsageError(inFile(path, null, `${reason}; expected ${what}`));
  }
}
