import { join, relative } from 'node:path';
import { killerOf, type Mutation, type MutationData, mutations } from '../../checker/measure/mutation.ts';
import { conformFile } from '../../conformance/index.ts';
import { answerAt, changeAt } from '../../model/decision-points.ts';
import { composeRules, intended, type Override } from '../../model/rules.ts';
import { ROOT } from '../committed.ts';
import { readMutationData, writeData } from '../data.ts';
import { recordedDesign, recordingsIn } from './recordings.ts';

/*
 * node dist/tools/mutation/points.js [POINT…], the first part of npm run mutation: gives each decision point, or these, another answer, makes a check, and where no property
 * is violated replays the recordings; into tools/data/mutation.json. Then `npm run docs`.
 */
const RUNS = 1000;

const FOLDER = join(ROOT, 'conformance/recordings');

const files = (await recordingsIn(FOLDER)).map((name) => join(FOLDER, name));
const overrides = recordedDesign();
const agreed = new Map<string, number>();
for (const file of files) agreed.set(file, (await conformFile(file, overrides)).agreed);

/** The mutant on top of that design; where the design has an answer of its own, the intended one is another. */
function onTop({ point, at, how, change }: Mutation): Override {
  const meant = answerAt(intended, at);
  const rules = answerAt(composeRules(overrides), at) === meant ? change : changeAt(at, meant);
  return { name: 'mutant', kind: 'mutant', summary: how, source: point, rules };
}

/** The first recording that the model parts from with this mutant; null: none. */
async function recordingAgainst(mutation: Mutation): Promise<string | null> {
  for (const file of files) {
    const report = await conformFile(file, [...overrides, onTop(mutation)]);
    if (report.agreed !== agreed.get(file)) return relative(FOLDER, file);
  }
  return null;
}

const asked = new Set(process.argv.slice(2));
const before = asked.size === 0 ? [] : (await readMutationData()).mutations;
const rows: MutationData['mutations'] = [];
for (const mutation of mutations()) {
  const known = before.find(({ point }) => point === mutation.point);
  if (asked.size > 0 && !asked.has(mutation.point)) {
    if (known !== undefined) rows.push(known);
    continue;
  }
  const killer = killerOf(mutation, RUNS);
  const recording = killer === null ? await recordingAgainst(mutation) : null;
  rows.push({
    point: mutation.point,
    how: mutation.how,
    killedBy: killer?.property ?? null,
    run: killer?.run ?? null,
    recording,
  });
  process.stdout.write(`${mutation.point}: ${killer?.property ?? recording ?? 'survives'}\n`);
}
await writeData('mutation.json', { runs: RUNS, mutations: rows } satisfies MutationData);
