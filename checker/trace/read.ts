import { isItf, traceFromItf } from '../itf/decode.ts';
import { inFile, UsageError } from '../select/usage-error.ts';
import { parseTrace, TraceError } from './parse.ts';
import type { Trace } from './trace.ts';

/**
 * A trace from the text of a file, in our own format or in ITF.
 * @throws UsageError naming the file, the line and what was expected there.
 */
export function traceFromText(path: string, text: string): Trace {
  try {
    return isItf(text) ? traceFromItf(text) : parseTrace(text);
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(inFile(path, error.line, error.message));
    throw error;
  }
}
