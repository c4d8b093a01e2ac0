import type { Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { renameUses, UNBOUND } from '../rename.ts';
import { unknownText } from '../select/by-name.ts';
import { ScriptError } from './error.ts';

/**
 * Every name that a step uses is given by a step above it. The model would answer EBADF or ENOENT, as it must in parts of a
 * trace; whoever writes a name by hand means something. What the tool itself calls unbound stays so. `given`: names of steps
 * before these.
 * @throws ScriptError
 */
export function expectBound(
  { calls, lines }: { readonly calls: readonly Call[]; readonly lines: readonly number[] },
  given: Iterable<string> = [],
): void {
  const bound = new Set(given);
  for (const [at, call] of calls.entries()) {
    renameUses(call, (name) => {
      if (!bound.has(name) && !UNBOUND.test(name))
        throw new ScriptError(`${call.command}: ${unboundText(name, bound)}`, lines[at] ?? 0);
      return name;
    });
    const { as } = call;
    if (as !== undefined) for (const { suffix } of COMMANDS[call.command].binds) bound.add(as + suffix);
  }
}

function unboundText(name: string, bound: ReadonlySet<string>): string {
  if (bound.size > 0) return unknownText('name', name, [...bound]);
  return `unknown name '${name}'; no step above gives one, as in 'vmm:vm0 openIommufd as iommufd0'`;
}
