import type { Shows } from '../../checker/minimise.ts';
import { FD_SUFFIX } from '../../checker/rename.ts';
import type { Call } from '../../model/call.ts';

/*
 * What violates a property is mostly found in the last calls before it and in those that made what they name. Looking there
 * first spares replaying a long recording for every call that could be left out of it.
 */

const FIRST = 8;

/**
 * The last calls that show it, with all that they need: twice as many each time, until they do. All of them where no fewer do;
 * null where not even those.
 */
export function nearest(calls: readonly Call[], shows: Shows): readonly Call[] | null {
  const makers = new Map<string, number>();
  for (const [at, { as }] of calls.entries()) if (as !== undefined) makers.set(as, at);
  for (let last = FIRST; last < calls.length; last *= 2) {
    const some = needed(calls, last, makers);
    // Not fewer by enough to be worth another look.
    if (some.length > 0.8 * calls.length) break;
    const length = shows(some);
    if (length !== null) return some.slice(0, length);
  }
  const length = shows(calls);
  return length === null ? null : calls.slice(0, length);
}

/** The last calls, those that made what they name, and so on; and what operators did, on which all else stands. */
function needed(calls: readonly Call[], last: number, makers: ReadonlyMap<string, number>): readonly Call[] {
  const kept = new Set<number>();
  const todo: number[] = [];
  const keep = (at: number): void => {
    if (kept.has(at)) return;
    kept.add(at);
    todo.push(at);
  };
  for (const [at, { actor }] of calls.entries())
    if (at >= calls.length - last || actor === 'operator') keep(at);
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const value of Object.values(calls[at]?.args ?? {})) {
      if (typeof value !== 'string') continue;
      const maker = makers.get(value) ?? makers.get(value.replace(FD_SUFFIX, ''));
      if (maker !== undefined && maker < at) keep(maker);
    }
  }
  return calls.filter((_, at) => kept.has(at));
}
