import { killerOf, type MutationData, mutations } from '../checker/measure/mutation.ts';
import { writeData } from './data.ts';

/*
 * npm run mutation: gives each decision point another answer and makes a short check, into docs/data/mutation.json. Then
 * `npm run docs`.
 */
const RUNS = 220;

const rows: MutationData['mutations'] = [];
for (const mutation of mutations()) {
  const killer = killerOf(mutation, RUNS);
  rows.push({
    point: mutation.point,
    how: mutation.how,
    killedBy: killer?.property ?? null,
    run: killer?.run ?? null,
  });
  process.stdout.write(`${mutation.point}: ${killer?.property ?? 'survives'}\n`);
  await writeData('mutation.json', { runs: RUNS, mutations: rows } satisfies MutationData);
}
