import { parentPort, workerData } from 'node:worker_threads';
import { thrownText } from '../outside/text.ts';
import { Explorer } from '../random/explorer.ts';
import { UsageError } from '../select/usage-error.ts';
import { type Answer, type Order, planOf, type Task } from './order.ts';

/*
 * A thread that makes the runs it is told to. Started by pool.ts, which hands out tasks in ascending order.
 */
const ready = planOf(workerData as Order).then((plan) => new Explorer(plan));

parentPort?.on('message', (task: Task) => {
  void answerTo(task).then((answer) => parentPort?.postMessage(answer));
});

async function answerTo({ from, to, settled, late }: Task): Promise<Answer> {
  try {
    const isLate = (): boolean => late !== null && Date.now() >= late;
    return { stretch: (await ready).explore(from, to, settled, isLate, isLate) };
  } catch (error) {
    const message = thrownText(error);
    return { from, usage: error instanceof UsageError, message };
  }
}
