import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { type Controls, progressOf } from '../check.ts';
import { Merged } from '../merged.ts';
import type { Stretch } from '../random/explorer.ts';
import type { CheckReport, Stopped } from '../report.ts';
import { UsageError } from '../select/usage-error.ts';
import { type Answer, type Order, planOf, type Task } from './order.ts';

/** Runs in a task: enough to be worth a message, few enough that no thread waits long at the end. Rounds are multiples. */
const RUNS_PER_TASK = 20;

/**
 * What `check` does, on several threads. Runs are merged in their order, so that the report is that of `check` for
 * any number of threads.
 */
export async function checkInParallel(
  order: Order,
  workers: number,
  controls: Controls = {},
): Promise<CheckReport> {
  const started = performance.now();
  const plan = await planOf(order);
  const merged = new Merged(plan);
  const late = order.timeLimit === null ? null : Date.now() + order.timeLimit;
  const isLate = (): boolean => late !== null && Date.now() >= late;
  const aborted = (): boolean => controls.signal?.aborted === true;
  const waiting = new Map<number, Answer>();
  let handedOut = 0;
  const next = (): Task | 'wait' | null => {
    if (handedOut >= plan.runs || isLate() || aborted()) return null;
    const settled = merged.settledFor(handedOut);
    if (settled === null) return 'wait';
    const from = handedOut;
    handedOut = Math.min(from + RUNS_PER_TASK, plan.runs);
    return { from, to: handedOut, settled, late };
  };
  const take = (answer: Answer): void => {
    waiting.set('stretch' in answer ? answer.stretch.from : answer.from, answer);
    for (let follows = waiting.get(merged.runs); follows !== undefined; follows = waiting.get(merged.runs)) {
      waiting.delete(merged.runs);
      // After one that the time cut short none follows.
      merged.add(stretchOf(follows));
    }
    controls.onProgress?.(progressOf(merged, plan));
  };
  const threads = Array.from({ length: workers }, () => new Worker(ENTRY, { workerData: order }));
  try {
    const idle: (() => void)[] = [];
    await Promise.all(threads.map((thread) => employ(thread, next, take, idle)));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  const done = merged.runs === plan.runs;
  const stopped: Stopped = done ? null : aborted() ? 'interrupt' : 'time';
  return merged.report(stopped, performance.now() - started);
}

/** Threads run what is built. */
const ENTRY = createRequire(import.meta.url).resolve('#check-worker');

function stretchOf(answer: Answer): Stretch {
  if ('stretch' in answer) return answer.stretch;
  throw answer.usage ? new UsageError(answer.message) : new Error(answer.message);
}

/** Gives a thread one task after the other, until there is none. `idle` are those that wait for the answers of others. */
function employ(
  thread: Worker,
  next: () => Task | 'wait' | null,
  take: (answer: Answer) => void,
  idle: (() => void)[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      const task = next();
      if (task === null) resolve();
      else if (task === 'wait') idle.push(give);
      else thread.postMessage(task);
    };
    thread.on('error', reject);
    thread.on('exit', (code) =>
      reject(new UsageError(`a thread was ended by a module of a design (exit ${code})`)),
    );
    thread.on('message', (answer: Answer) => {
      try {
        take(answer);
        give();
        for (const wake of idle.splice(0)) wake();
      } catch (error) {
        reject(error);
      }
    });
    give();
  });
}
