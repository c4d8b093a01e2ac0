import { rulesOf } from '../../../conformance/emulated/follower.ts';
import { callOf, type EmulatedStart, parseLine, type Seen } from '../../../conformance/emulated/lines.ts';
import { platformOf } from '../../../conformance/emulated/start.ts';
import { readLines } from '../../../conformance/read-lines.ts';
import type { Call } from '../../../model/call.ts';
import type { Rules } from '../../../model/rules.ts';
import { expectedRun } from './expected.ts';
import type { EmulatedRun } from './run.ts';

/** One of the runs that a recording has. */
export interface RecordedRun extends EmulatedRun {
  readonly section: string;
}

/**
 * The run of a number, from 1, with what was seen, or with what the model gives under rules. Undefined: the recording has not so
 * many. @throws InputError
 */
export async function fromRecording(
  path: string,
  number: number,
  rules: Rules | null,
): Promise<RecordedRun | undefined> {
  let start: EmulatedStart | null = null;
  let runs = 0;
  const steps: { readonly call: Call; readonly seen: Seen }[] = [];
  for await (const { line, text } of readLines(path)) {
    const parsed = parseLine(path, line, text);
    if (parsed === null) continue;
    if (parsed.ev !== 'emulated') {
      if (++runs > number) break;
      start = parsed;
    } else if (runs === number) steps.push({ call: callOf(path, line, parsed), seen: parsed.seen });
  }
  if (start === null || runs < number) return undefined;
  const platform = platformOf(start);
  const calls = steps.map(({ call }) => call);
  const run =
    rules === null
      ? { platform, steps, rules: rulesOf([], platform).real }
      : expectedRun(platform, calls, rules);
  return { ...run, section: start.section };
}
