import { intended } from '../model/rules.ts';
import { step } from '../model/step.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { measure } from './measure.ts';
import { generateRun } from './steps.ts';

const RUNS = 400;

/** How often each is done in a repetition: a few thousand are over before the code is compiled. */
const ROUNDS = 20;

/** DMA through the abstract machine, in the worlds in which generated runs do it: with all outcomes of each. */
export function benchDma(scope: Scope): void {
  const dmas = Array.from({ length: RUNS }, (_, seed) => generateRun(scope, seed))
    .flatMap(({ transitions }) => transitions)
    .filter(({ command }) => command.command === 'dma');
  process.stdout.write(`scope ${scope.name}, ${dmas.length} DMAs of ${RUNS} runs\n`);
  measure('  DMAs', dmas.length * ROUNDS, () => {
    for (let round = 0; round < ROUNDS; round++)
      for (const { before, command } of dmas) step(before, command, intended);
  });
}
