import { cpus } from 'node:os';
import { type DefectData, MATRIX_RUNS, measureDefect, SEEDS } from '../checker/measure/defects.ts';
import { DEFECTS } from '../overrides/index.ts';
import { readDefectData, writeData } from './data.ts';

/*
 * npm run defects [NAME...]: measures these defects, or all, as a plain check finds them; into tools/data/defects.json.
 * Then `npm run docs`. The traces are those of `npm run counterexamples`.
 */
const names = process.argv.slice(2);
const before = await readDefectData();
const kept = before.defects.filter(
  ({ defect }) => names.length > 0 && !names.includes(defect) && DEFECTS.some(({ name }) => name === defect),
);
const rows = [...kept];
const order = DEFECTS.map(({ name }) => name);

/** Written after each, so that what was measured is not lost with the rest. */
async function save(): Promise<void> {
  const data: DefectData = {
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`,
    seeds: [...SEEDS],
    matrixRuns: MATRIX_RUNS,
    defects: rows.toSorted((a, b) => order.indexOf(a.defect) - order.indexOf(b.defect)),
  };
  await writeData('defects.json', data);
}

for (const defect of DEFECTS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const row = await measureDefect(defect);
  if (row === null) {
    process.stdout.write(`${defect.name}: not found\n`);
    process.exitCode = 1;
    continue;
  }
  rows.push(row);
  await save();
  process.stdout.write(
    `${row.defect}: ${row.property}, ${row.commands} commands, runs ${row.runs.join(' ')}, ${row.seconds} s\n`,
  );
}
