import type { Trace } from '../../../checker/trace/trace.ts';
import type { Call } from '../../../model/call.ts';
import type { Rules } from '../../../model/rules.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { movedToMachine } from '../../smmu/moved.ts';
import { ExportError } from '../answer.ts';
import { FITS } from './c.ts';
import { expectedRun } from './expected.ts';
import { machineOf } from './machine-of.ts';
import type { EmulatedRun } from './run.ts';

/** The steps of a trace, with what is to be seen behind each under rules. @throws ExportError */
export function runOfTrace(trace: Trace, { platform }: Scope, rules: Rules): EmulatedRun {
  if (platform.emulated === undefined && platform.emulatedVtd === undefined)
    throw new ExportError(`its scope is ${trace.scope}`, FITS);
  const calls: readonly Call[] = trace.steps.map(({ result: _, ...call }) => call);
  if (platform.emulated === undefined || machineOf(platform) !== null)
    return expectedRun(platform, calls, rules);
  const moved = movedToMachine(platform, calls, rules);
  if ('parts' in moved)
    throw new ExportError(
      `on QEMU's machine step ${moved.parts} does not come to the same as in its scope`,
      FITS,
    );
  return expectedRun(moved.platform, moved.calls, rules);
}
