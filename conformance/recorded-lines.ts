import { InputError } from './input-error.ts';
import { readLines } from './read-lines.ts';

/** A line of a recording; null: the last one, which was not written to its end. */
export interface RecordedLine<Line> {
  readonly number: number;
  readonly line: Line | null;
}

/** A recorder that was killed leaves its last line as it is. */
const RECORDER = /"recorder":\s*"/;

/**
 * The lines of a recording that a pattern (null: each) matches.
 * @throws InputError where one is out of shape, unless `nestcheck record` was interrupted in it.
 */
export async function* recordedLines<Line>(
  path: string,
  pattern: RegExp | null,
  parse: (path: string, number: number, text: string) => Line,
): AsyncGenerator<RecordedLine<Line>> {
  let isRecorders = false;
  for await (const { line: number, text, isEnded } of readLines(path)) {
    if (pattern !== null && !pattern.test(text)) continue;
    isRecorders ||= number === 1 && RECORDER.test(text);
    try {
      yield { number, line: parse(path, number, text) };
    } catch (error) {
      if (isEnded || !isRecorders || !(error instanceof InputError)) throw error;
      yield { number, line: null };
    }
  }
}
