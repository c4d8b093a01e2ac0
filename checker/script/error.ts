/** Why a line is none of a script; the line is counted from 1. */
export class ScriptError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'ScriptError';
    this.line = line;
  }
}
