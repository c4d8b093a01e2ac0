import { bytesOf, TooLong } from '../checker/read-text.ts';
import { InputError } from './input-error.ts';

/** How much a reader takes: more is refused, not read. */
export interface Limits {
  /** Characters in a line. */
  readonly line: number;
  /** Bytes in all, unpacked. */
  readonly bytes: number;
  /** Empty lines in a row. */
  readonly empty: number;
}

/**
 * Real lines are below 100 kB, real recordings below 100 MB; a file without line ends must not fill the memory, and one
 * of nothing but line ends must not take minutes.
 */
const LIMITS: Limits = { line: 2 * 1024 * 1024, bytes: 1024 ** 3, empty: 1000 };

/** A line of a file. */
export interface ReadLine {
  readonly line: number;
  readonly text: string;
  /** Whether its end was there: who wrote the last one may have been interrupted. */
  readonly isEnded: boolean;
}

/** The lines of a text file, gzipped if its name ends in `.gz`, one after the other. Empty lines are left out. */
export async function* readLines(path: string, limits: Limits = LIMITS): AsyncGenerator<ReadLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // A long line is kept in the pieces in which it came: to search them again with each would take quadratic time.
  let pieces: string[] = [];
  let length = 0;
  let bytes = 0;
  let line = 0;
  let empty = 0;
  const expected = (what: string): InputError => new InputError(path, line + 1, `expected ${what}`);
  try {
    for await (const chunk of bytesOf(path)) {
      bytes += chunk.length;
      if (bytes > limits.bytes) throw expected(`at most ${limits.bytes} bytes in all`);
      const text = decoder.decode(chunk, { stream: true });
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        const whole = pieces.join('') + text.slice(from, end);
        if (whole.length > limits.line) throw expected(`a line of at most ${limits.line} characters`);
        line++;
        empty = whole.length > 0 ? 0 : empty + 1;
        if (empty > limits.empty) throw new InputError(path, line, 'expected no more empty lines');
        if (whole.length > 0) yield { line, text: whole, isEnded: true };
        pieces = [];
        length = 0;
        from = end + 1;
      }
      pieces.push(text.slice(from));
      length += text.length - from;
      if (length > limits.line) throw expected(`a line of at most ${limits.line} characters`);
    }
    pieces.push(decoder.decode());
  } catch (error) {
    throw asInputError(path, line, error);
  }
  const rest = pieces.join('');
  if (rest.length > 0) yield { line: line + 1, text: rest, isEnded: false };
}

function asInputError(path: string, line: number, error: unknown): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  if (error instanceof TooLong) return new InputError(path, line + 1, `expected ${error.message}`);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new InputError(path, line + 1, 'expected more data: the gzip file is truncated');
  if (code?.startsWith('Z_')) return new InputError(path, line + 1, 'expected gzip data');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new InputError(path, line + 1, 'expected UTF-8 text');
  // What else has a name as errno.h has it comes from the file system.
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code))
    return new InputError(path, null, `expected a readable file (${code})`);
  return error;
}
