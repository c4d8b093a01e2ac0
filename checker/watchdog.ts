import { Script } from 'node:vm';

/** Milliseconds after which a step that has not returned is taken not to return at all; an answer takes less than one. */
export const STEP_PATIENCE = 1_000;

/** The same of a whole run, which is then made again step by step to see whether one of them is to blame. */
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

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
