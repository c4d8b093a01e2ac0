import { InputError } from '../input-error.ts';
import { readLines } from '../read-lines.ts';
import { type Line, parseLine } from './lines.ts';

/** A line of a recording; null: the last one, which was not written to its end. */
export interface RecordedLine {
  readonly number: number;
  readonly line: Line | null;
}

/** A recorder that was killed leaves its last line as it is. */
const RECORDER = /"recorder":\s*"/;

/**
 * The lines of a recording that a pattern (null: each) matches.
 * @throws InputError where one is out of shape, unless `nestcheck record` was interrupted in it.
 */
export async function* recordedLines(path: string, pattern: RegExp | null): AsyncGenerator<RecordedLine> {
  let isRecorders = false;
  for await (const { line: number, text, isEnded } of readLines(path)) {
    if (pattern !== null && !pattern.test(text)) continue;
    isRecorders ||= number === 1 && RECORDER.test(text);
    try {
      yield { number, line: parseLine(path, number, text) };
    } catch (error) {
      if (isEnded || !isRecorders || !(error instanceof InputError)) throw error;
      yield { number, line: null };
    }
  }
}
