import type { Trace } from '../../../checker/trace/trace.ts';
import type { Call } from '../../../model/call.ts';
import type { Rules } from '../../../model/rules.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { ExportError } from '../answer.ts';
import { FITS } from './c.ts';
import { expectedRun } from './expected.ts';
import type { EmulatedRun } from './run.ts';

/** The steps of a trace, with what is to be seen behind each under rules. @throws ExportError */
export function runOfTrace(trace: Trace, { platform }: Scope, rules: Rules): EmulatedRun {
  if (platform.emulated === undefined && platform.emulatedVtd === undefined)
    throw new ExportError(`its scope is ${trace.scope}`, FITS);
  const calls: readonly Call[] = trace.steps.map(({ result: _, ...call }) => call);
  return expectedRun(platform, calls, rules);
}
