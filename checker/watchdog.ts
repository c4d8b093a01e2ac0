import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Milliseconds of work after which a step that has not returned is taken not to return at all; an answer takes less than
 * one.
 */
export const STEP_PATIENCE = 100;

/** Milliseconds of a whole run, which is then made again step by step to see whether one of them is to blame. */
export const RUN_PATIENCE = 1_500;

/** That something took longer than it may. */
export const OVERDUE: unique symbol = Symbol('overdue');

const SLOT: unique symbol = Symbol.for('nestcheck.watched');

const scope = globalThis as { [SLOT]?: (() => unknown) | undefined };
const script = new Script(`globalThis[Symbol.for('nestcheck.watched')]()`);

/**
 * What a function gives, or OVERDUE where it is not done after so many milliseconds: then it was stopped in the middle,
 * and nothing that it was about to change can be relied on. Costs a thread of the runtime's each time.
 */
export function watched<T>(milliseconds: number, action: () => T): T | typeof OVERDUE {
  if (underOneWatch) return action();
  const before = scope[SLOT];
  scope[SLOT] = action;
  try {
    // The script calls what was just put there.
    return script.runInThisContext({ timeout: Math.max(1, Math.ceil(milliseconds)) }) as T;
  } catch (error) {
    if (isTimeout(error)) return OVERDUE;
    throw error;
  } finally {
    // Also for one that was stopped in the middle: what it had yet to do is not done.
    underOneWatch = false;
    scope[SLOT] = before;
  }
}

/** Milliseconds for many short actions under one watch. */
const MANY_PATIENCE = 5_000;

let underOneWatch = false;

/**
 * What a function gives that has thousands of short actions watched: all of them under one watch, which spares a thread for
 * each. Where that takes too long it begins anew with a watch for each, so that it must change nothing.
 */
export function underOne<T>(action: () => T): T {
  if (underOneWatch) return action();
  const done = watched(MANY_PATIENCE, () => {
    underOneWatch = true;
    return action();
  });
  return done === OVERDUE ? action() : done;
}

/** How much longer is waited each time, and how often, where the machine was busy with something else. */
const LONGER = 4;
const MOST_TRIES = 5;

/**
 * The same, but OVERDUE only after so many milliseconds of work, however long that takes on a busy machine. The action may
 * be begun anew, so that it must change nothing.
 */
export function watchedAtWork<T>(milliseconds: number, action: () => T): T | typeof OVERDUE {
  const enough = milliseconds * 0.8 * (worksAlone ? 1 : OTHERS);
  let worked = 0;
  for (let wait = milliseconds, tries = 0; tries < MOST_TRIES; wait *= LONGER, tries++) {
    const before = worktime();
    const done = watched(wait, action);
    if (done !== OVERDUE) return done;
    worked += worktime() - before;
    if (worked >= enough) return OVERDUE;
  }
  return OVERDUE;
}

/** Nanoseconds that this thread has been on a processor come first in it (Documentation/scheduler/sched-stats.rst). */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/** Milliseconds of work by this thread, as Linux tells them; null where nobody does: Node.js 20 does not. */
function threadTime(): number | null {
  try {
    return Number.parseInt(readFileSync(SCHEDSTAT, 'latin1'), 10) / 1e6;
  } catch {
    return null;
  }
}

/** Whether the time of this thread alone is known. Where it is not, what others do counts too, and more is asked for. */
const worksAlone = isMainThread || threadTime() !== null;
const OTHERS = 8;

/** Milliseconds of work so far: by this thread, or where nobody tells them apart by the whole process. */
export function worktime(): number {
  const ofThread = threadTime();
  if (ofThread !== null) return ofThread;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
