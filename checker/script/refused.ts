import { inFile, UsageError } from '../select/usage-error.ts';
import { ScriptError } from './error.ts';

/** A script without a scope; `also`: where else one could have come from. */
export function noScope(path: string, also = ''): UsageError {
  return new UsageError(inFile(path, null, `expected one scope: a line 'scope NAME'${also}`));
}

/** What went wrong with the script of a file, as the user is told: its own faults by file and line. */
export function inScript(path: string, error: unknown): unknown {
  return error instanceof ScriptError ? new UsageError(inFile(path, error.line, error.message)) : error;
}
