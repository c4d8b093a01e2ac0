import type { Rules } from '../../model/rules.ts';
import { agree, answered, recorded } from '../linux/answer.ts';
import { type Cdevs, commandOf } from '../linux/process.ts';
import { type System, stepSystem } from '../linux/system.ts';
import type { Told } from './translator.ts';

/** Steps that are tried for calls that the kernel worked on at the same time. */
const MOST_STEPS = 2000;

/**
 * Calls of several threads: each is written when it has ended, and where the kernel worked on several at once, nobody knows in
 * which order it took them. Of the orders that are possible the first that explains every answer; the recorded one if none does.
 */
export function orderOf(calls: readonly Told[], system: System, rules: Rules, cdevs: Cdevs): readonly Told[] {
  if (calls.length < 2) return calls;
  let steps = 0;
  const search = (now: System, left: readonly Told[]): readonly Told[] | null => {
    if (left.length === 0) return [];
    for (const next of left) {
      if (left.some((other) => other !== next && isBefore(other, next))) continue;
      if (steps++ > MOST_STEPS) return null;
      const after = explained(next, now, rules, cdevs);
      if (after === null) continue;
      const rest = search(
        after,
        left.filter((other) => other !== next),
      );
      if (rest !== null) return [next, ...rest];
    }
    return null;
  };
  return search(system, calls) ?? calls;
}

/** Whether one had ended when the other began. */
function isBefore({ line: a }: Told, { line: b }: Told): boolean {
  return a.seq < (b.begin ?? b.seq);
}

function explained({ line, actor }: Told, system: System, rules: Rules, cdevs: Cdevs): System | null {
  const command = commandOf(line, actor, cdevs, system.world);
  if (command === null) return system;
  const { system: after, result } = stepSystem(system, command, rules);
  return agree(recorded(line), answered(line, command, result)) ? after : null;
}
