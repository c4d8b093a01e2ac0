import type { Call } from '../model/call.ts';
import { COMMANDS } from '../model/commands.ts';
import type { Answer } from './attempt.ts';
import { patiently } from './patient.ts';
import { FD_SUFFIX, renameUses } from './rename.ts';
import { Execution, type Setting } from './run.ts';
import { NOTHING } from './watch.ts';

/**
 * The same calls with canonical names: `ioas0`, `hwpt0`, `hwpt1` … by kind in order of creation, with the virtual
 * machine before them (`vm0.ioas0`) where the platform has several. Names that nothing uses are dropped.
 */
export function withCanonicalNames(setting: Setting, calls: readonly Call[]): readonly Call[] {
  return patiently((answer) => named(setting, calls, answer));
}

function named(setting: Setting, calls: readonly Call[], answer: Answer): readonly Call[] {
  const several = setting.scope.platform.vms.length > 1;
  const execution = new Execution(setting, NOTHING, null, answer);
  const counts = new Map<string, number>();
  const renamed = new Map<string, string>();
  const used = new Set<string>();

  const count = (prefix: string): string => {
    const number = counts.get(prefix) ?? 0;
    counts.set(prefix, number + 1);
    return `${prefix}${number}`;
  };
  const nameFor = (name: string): string => {
    const isFd = name.endsWith(FD_SUFFIX) && !renamed.has(name);
    const object = isFd ? name.slice(0, -FD_SUFFIX.length) : name;
    let canonical = renamed.get(object);
    if (canonical === undefined) {
      canonical = count('unbound');
      renamed.set(object, canonical);
    }
    used.add(canonical);
    return isFd ? canonical + FD_SUFFIX : canonical;
  };

  const all = calls.map((call): Call => {
    const { as, ...unnamed } = renameUses(call, nameFor);
    const { result } = execution.apply(call);
    const kind = COMMANDS[call.command].binds[0]?.of;
    if (as === undefined || kind === undefined || !result.ok) return unnamed;
    const vm = call.actor.slice(call.actor.indexOf(':') + 1);
    const canonical = count(several ? `${vm}.${kind}` : kind);
    renamed.set(as, canonical);
    return { ...unnamed, as: canonical };
  });
  return all.map((call) => {
    if (call.as === undefined || used.has(call.as)) return call;
    const { as: _, ...unnamed } = call;
    return unnamed;
  });
}
