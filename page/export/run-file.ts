import { callText } from '../../checker/render/values.ts';
import { readScript } from '../../checker/script/read.ts';
import { inScript, noScope } from '../../checker/script/refused.ts';
import { inFile, UsageError } from '../../checker/select/usage-error.ts';
import type { Call } from '../../model/call.ts';
import { type Choice, choiceLine } from '../session/choice.ts';

/** A run as a file for `nestcheck run`: where, then a line for each call. */
export function runFile(choice: Choice, calls: readonly Call[]): string {
  return `${[choiceLine(choice), ...calls.map(callLine)].join('\n')}\n`;
}

/** One call as a line of such a file. */
export function callLine(call: Call): string {
  return `${call.actor} ${callText(call)}${call.as === undefined ? '' : ` as ${call.as}`}`;
}

/**
 * Reads such a file. `given`: names that stand for something before its first call.
 * @throws UsageError naming the file, the line and what was expected there.
 */
export function readRunFile(
  path: string,
  text: string,
  given: Iterable<string> = [],
): { readonly choice: Choice; readonly calls: readonly Call[] } {
  try {
    const { scope, designs, modules, set, platform, defects, calls } = readScript(text, given);
    if (scope === null) throw noScope(path);
    if (platform !== null)
      throw new UsageError(inFile(path, null, 'its platform is in a file of its own; a trace carries it'));
    const choice = { scope, designs: [...designs, ...Object.keys(modules)], defects };
    return { choice: set.length === 0 ? choice : { ...choice, platform: { set } }, calls };
  } catch (error) {
    throw inScript(path, error);
  }
}
