import { parentPort, workerData } from 'node:worker_threads';
import { PROPERTIES } from '../../properties/index.ts';
import { explorationFor } from '../../workload/alphabet/index.ts';
import { scopeOfOrder } from '../platform/select.ts';
import { isModulePath } from '../select/module-path.ts';
import { selectTraceRules } from '../select/rules.ts';
import { type Expanded, Expander } from './expander.ts';
import type { Questions, WorkerStart } from './remote.ts';
import { Space } from './space.ts';
import { Lookup } from './visited.ts';
import { WorkQueue } from './work-queue.ts';
import { BREATH } from './worker-pool.ts';

/*
 * The thread of a `RemotePart`: builds its own rules and states, and answers.
 */

const { recipe, stop } = workerData as WorkerStart;
const stopFlag = new Int32Array(stop);

const modules = Object.keys(recipe.selection.design).filter(isModulePath);
const { rules, properties: own } = await selectTraceRules(recipe.selection, modules);
const exploration = explorationFor(scopeOfOrder(recipe.scope));
if (exploration === undefined) throw new Error(`there is no exploration of '${recipe.scope.name}'`);
const properties = [...PROPERTIES, ...own].filter(({ id }) => recipe.properties.includes(id));
const expander = new Expander(new Space(exploration, rules, recipe.symmetry), rules, properties);

/** Without the memory that lists of candidates have to spare, which would be sent as well. */
function packed(expanded: Expanded): Expanded {
  const { size, lo, hi, parents, moves, ranks, ties, orbits } = expanded.candidates;
  return {
    ...expanded,
    candidates: {
      size,
      lo: lo.slice(),
      hi: hi.slice(),
      parents: parents.slice(),
      moves: moves.slice(),
      ranks: ranks.slice(),
      ties: ties.slice(),
      orbits: orbits.slice(),
    },
  };
}

const ANSWERS: {
  readonly [Q in keyof Questions]: (ask: Questions[Q]['ask']) => Questions[Q]['answer'];
} = {
  expand({ shelves, first, queue, worker, violated }) {
    expander.forget(violated);
    const level = { visited: new Lookup(shelves), first, queue: new WorkQueue(queue), worker };
    while (!expander.expand(level, BREATH)) if (Atomics.load(stopFlag, 0) !== 0) return null;
    return packed(expander.result());
  },
  settle: (numbers) => expander.settle(numbers),
  lookAtRest(violated) {
    expander.forget(violated);
    return expander.lookAtRest();
  },
  seen: () => expander.seen(),
};

parentPort?.on('message', <Q extends keyof Questions>(asked: { question: Q; ask: Questions[Q]['ask'] }) => {
  parentPort?.postMessage(ANSWERS[asked.question](asked.ask));
});
parentPort?.postMessage('ready');
