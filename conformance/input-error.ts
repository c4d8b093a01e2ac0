/** A recording that cannot be read: where, and what was expected there. Its message is one line. */
export class InputError extends Error {
  constructor(file: string, line: number | null, expected: string) {
    super(line === null ? `${file}: ${expected}` : `${file}:${line}: ${expected}`);
    this.name = 'InputError';
  }
}
