import { isMinimal } from './minimise.ts';
import { showsViolation } from './random/engine.ts';
import type { ReplaySetting } from './replay.ts';
import type { Trace } from './trace/trace.ts';
import { underOne } from './watchdog.ts';

/**
 * Whether a trace is 1-minimal for the property that it shows: no single call can be left out, and no argument made
 * simpler, so that the property is still violated. False for a trace that shows none.
 */
export function isOneMinimal(trace: Trace, setting: ReplaySetting): boolean {
  const property = setting.properties.find(({ id }) => id === trace.property);
  if (property === undefined) return false;
  const calls = trace.steps.map(({ result: _, ...call }) => call);
  return underOne(() => isMinimal(calls, showsViolation(setting, property)));
}
