import { oneLine, pathText } from '../checker/outside/text.ts';

/** A recording that cannot be read: where, and what was expected there. Its message is one line. */
export class InputError extends Error {
  constructor(file: string, line: number | null, expected: string) {
    const path = pathText(file);
    super(oneLine(line === null ? `${path}: ${expected}` : `${path}:${line}: ${expected}`));
    this.name = 'InputError';
  }
}

/** The same before it is known where the line stands. */
export class LineError extends Error {}
