import type { ArgValue, Call } from '../properties/commands/call.ts';
import { type CommandShape, SHAPES } from '../properties/commands/shapes.ts';
import { Execution, type Setting } from './run.ts';
import { NOTHING } from './watch.ts';

/** The suffix of a name that stands for the descriptor which came with an object. */
const FD = '.fd';

/**
 * The same calls with canonical names: `ioas0`, `hwpt0`, `hwpt1` … by kind in order of creation, with the virtual
 * machine before them (`vm0.ioas0`) where the platform has several. Names that nothing uses are dropped.
 */
export function withCanonicalNames(setting: Setting, calls: readonly Call[]): readonly Call[] {
  const several = setting.scope.platform.vms.length > 1;
  const execution = new Execution(setting, NOTHING);
  const counts = new Map<string, number>();
  const renamed = new Map<string, string>();
  const used = new Set<string>();

  const count = (prefix: string): string => {
    const number = counts.get(prefix) ?? 0;
    counts.set(prefix, number + 1);
    return `${prefix}${number}`;
  };
  const nameFor = (name: string): string => {
    const isFd = name.endsWith(FD) && !renamed.has(name);
    const object = isFd ? name.slice(0, -FD.length) : name;
    let canonical = renamed.get(object);
    if (canonical === undefined) {
      canonical = count('unbound');
      renamed.set(object, canonical);
    }
    used.add(canonical);
    return isFd ? canonical + FD : canonical;
  };

  const named = calls.map((call): Call => {
    const args = renameArgs(call, nameFor);
    const { result } = execution.apply(call);
    const kind = SHAPES[call.command].binds[0]?.of;
    const { as, ...unnamed } = { ...call, args };
    if (as === undefined || kind === undefined || !result.ok) return unnamed;
    const vm = call.actor.slice(call.actor.indexOf(':') + 1);
    const canonical = count(several ? `${vm}.${kind}` : kind);
    renamed.set(as, canonical);
    return { ...unnamed, as: canonical };
  });
  return named.map((call) => {
    if (call.as === undefined || used.has(call.as)) return call;
    const { as: _, ...unnamed } = call;
    return unnamed;
  });
}

function renameArgs(call: Call, nameFor: (name: string) => string): Readonly<Record<string, ArgValue>> {
  const shape: CommandShape = SHAPES[call.command];
  return Object.fromEntries(
    Object.entries(call.args).map(([name, value]) => {
      const isName = shape.args[name]?.kind === 'handle' && typeof value === 'string';
      return [name, isName ? nameFor(value) : value];
    }),
  );
}
