import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Milliseconds of work after which a step that has not returned is taken not to return at all; an answer takes less than
 * one.
 */
export const STEP_PATIENCE = 400;

/** Milliseconds of a whole run, which is then made again step by step to see whether one of them is to blame. */
export const RUN_PATIENCE = 3_000;

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
  const before = scope[SLOT];
  scope[SLOT] = action;
  try {
    // The script calls what was just put there.
    return script.runInThisContext({ timeout: Math.max(1, Math.ceil(milliseconds)) }) as T;
  } catch (error) {
    if (isTimeout(error)) return OVERDUE;
    throw error;
  } finally {
    scope[SLOT] = before;
  }
}

/** How much longer is waited each time, and how often, where the machine was busy with something else. */
const LONGER = 4;
const MOST_TRIES = 5;

/**
 * The same, but OVERDUE only after so many milliseconds of work, however long that takes on a busy machine. The action may
 * be begun anew, so that it must change nothing.
 */
export function watchedAtWork<T>(milliseconds: number, action: () => T): T | typeof OVERDUE {
  // Threads are not told apart before Node.js 23: what others do meanwhile counts too, and more is asked for.
  const enough = milliseconds * 0.8 * (isMainThread ? 1 : OTHERS);
  let worked = 0;
  for (let wait = milliseconds, tries = 0; tries < MOST_TRIES; wait *= LONGER, tries++) {
    const before = process.cpuUsage();
    const done = watched(wait, action);
    if (done !== OVERDUE) return done;
    const { user, system } = process.cpuUsage(before);
    worked += (user + system) / 1000;
    if (worked >= enough) return OVERDUE;
  }
  return OVERDUE;
}

const OTHERS = 8;

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
