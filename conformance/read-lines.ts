import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from './input-error.ts';

/** The longest line that is read. Real ones are below 100 kB; a file without line ends must not fill the memory. */
const MAX_LINE = 16 * 1024 * 1024;

/** The lines of a text file, gzipped if its name ends in `.gz`, one after the other. Empty lines are left out. */
export async function* readLines(path: string): AsyncGenerator<{ line: number; text: string }> {
  const raw = createReadStream(path);
  const stream = path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => {}) : raw;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 0;
  try {
    for await (const chunk of stream) {
      rest += decoder.decode(chunk as Buffer, { stream: true });
      let from = 0;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
        line++;
        if (end > from) yield { line, text: rest.slice(from, end) };
        from = end + 1;
      }
      rest = rest.slice(from);
      if (rest.length > MAX_LINE)
        throw new InputError(path, line + 1, `a line of at most ${MAX_LINE} characters`);
    }
    rest += decoder.decode();
  } catch (error) {
    throw asInputError(path, line, error);
  }
  if (rest.length > 0) yield { line: line + 1, text: rest };
}

function asInputError(path: string, line: number, error: unknown): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
    return new InputError(path, null, `expected a readable file (${code})`);
  }
  if (code === 'Z_BUF_ERROR')
    return new InputError(path, line + 1, 'expected more data: the gzip file is truncated');
  if (code?.startsWith('Z_')) return new InputError(path, line + 1, 'expected gzip data');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new InputError(path, line + 1, 'expected UTF-8 text');
  return error;
}
