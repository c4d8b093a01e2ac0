import type { Call } from '../model/call.ts';
import { FD_SUFFIX, renameUses } from './rename.ts';
import { simplerCalls, withoutDefaults } from './simpler.ts';

/**
 * How many of these calls, from the first, it takes to show what is wanted; null where they do not show it.
 * Must not depend on anything but the calls.
 */
export type Shows = (calls: readonly Call[]) => number | null;

/**
 * Makes calls that show something 1-minimal: no single call can be left out and no argument made simpler
 * (`simpler.ts`) so that they still show it.
 */
export function minimise(calls: readonly Call[], shows: Shows): readonly Call[] {
  let best: readonly Call[] = cut(calls.map(withoutDefaults), shows) ?? calls;
  for (;;) {
    const before = best;
    best = leaveOut(best, shows);
    best = shareObjects(best, shows);
    best = simplify(best, shows);
    if (best === before) return best;
  }
}

/** Whether no single step towards fewer calls or simpler arguments still shows it. */
export function isMinimal(calls: readonly Call[], shows: Shows): boolean {
  if (cut(calls, shows)?.length !== calls.length) return false;
  return leaveOut(calls, shows) === calls && simplify(calls, shows) === calls;
}

/** The calls up to the one that shows it. */
function cut(calls: readonly Call[], shows: Shows): readonly Call[] | null {
  const length = shows(calls);
  if (length === null) return null;
  return length === calls.length ? calls : calls.slice(0, length);
}

/** Leaves out runs of calls, long ones first and from the end, down to single calls. */
function leaveOut(calls: readonly Call[], shows: Shows): readonly Call[] {
  let best = calls;
  for (let size = Math.max(1, calls.length >> 1); size >= 1; size >>= 1) {
    for (let at = best.length - size; at >= 0; at = Math.min(at, best.length) - size) {
      best = cut([...best.slice(0, at), ...best.slice(at + size)], shows) ?? best;
    }
  }
  return best;
}

/**
 * Leaves out a call that makes something of which there already is one, and lets the calls behind it use that one.
 * This is no single step of 1-minimality, but it finds shorter traces: one context in place of two.
 */
function shareObjects(calls: readonly Call[], shows: Shows): readonly Call[] {
  let best = calls;
  for (let at = best.length - 1; at > 0; at = Math.min(at, best.length) - 1) {
    for (const shared of sharings(best, at)) {
      const shown = cut(shared, shows);
      if (shown === null) continue;
      best = shown;
      break;
    }
  }
  return best;
}

/** The calls without the one at this index, with each earlier thing of its kind in the place of what it made. */
function* sharings(calls: readonly Call[], at: number): Generator<readonly Call[]> {
  const { command, as } = calls[at] as Call;
  if (as === undefined) return;
  const behind = calls.slice(at + 1);
  for (const earlier of calls.slice(0, at)) {
    if (earlier.command !== command || earlier.as === undefined || earlier.as === as) continue;
    const use = renaming(as, earlier.as);
    yield [...calls.slice(0, at), ...behind.map((call) => renameUses(call, use))];
  }
}

function renaming(from: string, to: string): (name: string) => string {
  return (name) => {
    if (name === from) return to;
    return name === from + FD_SUFFIX ? to + FD_SUFFIX : name;
  };
}

/** Takes every step that makes an argument simpler, call by call. */
function simplify(calls: readonly Call[], shows: Shows): readonly Call[] {
  let best = calls;
  for (let at = 0; at < best.length; at++) {
    for (let next = firstSimpler(best, at, shows); next !== null; next = firstSimpler(best, at, shows))
      best = next;
  }
  return best;
}

function firstSimpler(calls: readonly Call[], at: number, shows: Shows): readonly Call[] | null {
  const call = calls[at];
  if (call === undefined) return null;
  for (const simpler of simplerCalls(call)) {
    const shown = cut(calls.with(at, simpler), shows);
    if (shown !== null) return shown;
  }
  return null;
}
