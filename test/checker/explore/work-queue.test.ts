import { describe, expect, it } from 'vitest';
import { type Batch, WorkQueue, workQueueOf } from '../../../checker/explore/work-queue.ts';

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, at) => 100 + at);

/** What workers take up, each in its turn, until nothing is left. */
function takenUp(queue: WorkQueue, turns: readonly number[]): readonly Batch[] {
  const batches: Batch[] = [];
  for (;;) {
    for (const worker of turns) {
      const batch = queue.take(worker);
      if (batch === null) return batches;
      batches.push(batch);
    }
  }
}

const cases = [
  { what: 'the worker that has them', lists: [40, 0], turns: [0] },
  { what: 'one that has none', lists: [40, 0], turns: [1] },
  { what: 'both in turn', lists: [40, 70], turns: [0, 1] },
  { what: 'one of three', lists: [5, 16, 33], turns: [2] },
] as const;

describe('the queue of a level', () => {
  it.each(cases)('gives out every state once, to $what', ({ lists, turns }) => {
    const memory = workQueueOf(lists.map(numbers));
    const batches = takenUp(new WorkQueue(memory), turns);
    const states = batches.flatMap(({ worker, start, end }) =>
      Array.from({ length: end - start }, (_, at) => `${worker}: ${start + at}`),
    );
    const all = lists.flatMap((length, worker) => Array.from({ length }, (_, at) => `${worker}: ${at}`));
    expect(states.sort()).toEqual(all.sort());
    expect(new WorkQueue(memory).left).toBe(0);
  });

  it('lets a worker take its own before those of whoever has the most', () => {
    const batches = takenUp(new WorkQueue(workQueueOf([20, 40, 90].map(numbers))), [0]);
    expect(batches.map(({ worker }) => worker).slice(0, 3)).toEqual([0, 0, 2]);
  });
});
