import { callKey } from '../../checker/diff/alphabet.ts';
import type { Call } from '../../model/call.ts';

/** Whether two calls are the same, and call what they make the same. */
export function sameCall(a: Call, b: Call): boolean {
  return a.command === b.command && a.as === b.as && callKey(a) === callKey(b);
}
