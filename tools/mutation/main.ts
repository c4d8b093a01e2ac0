import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CodeMutation, folderOf, type Mutant, type Trial } from '../../checker/measure/code-mutation.ts';
import { ROOT } from '../committed.ts';
import { writeData } from '../data.ts';
import { bundled } from './bundle.ts';
import { everyMutant, instrumented } from './instrument.ts';
import { sampleOf } from './sample.ts';
import type { Reach } from './trial.ts';

/*
 * The second part of npm run mutation: mutants of the source text of model/ and conformance/, a sample of them, each tried with
 * the runs of a check, and where no property is violated with the recordings; into tools/data/code-mutation.json.
 *
 *   node dist/tools/mutation/main.js [SIZE [SEED [PROCESSES]]]
 */
const [size = 600, seed = 1, processes = Math.min(4, availableParallelism())] = process.argv
  .slice(2)
  .map(Number);
/** Of a check over all scopes. What is not found in these is found in 5,000 at times: the score is a lower bound. */
const RUNS = 2000;
const RECORDINGS = join(ROOT, 'conformance/recordings');

/** Seconds of work for what takes at most one hundred without a mutant: one that takes longer does not end. */
const PATIENCE = 300;

const run = promisify(execFile);
const script = join(ROOT, 'dist/mutation/trial.mjs');

async function tried<T>(mutant: Mutant | null, args: readonly string[]): Promise<T> {
  const env = { ...process.env, ...(mutant === null ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant.id }) };
  const limit = mutant === null ? 'unlimited' : String(PATIENCE);
  const command = ['-c', 'ulimit -t "$1"; shift; exec "$@"', 'sh', limit, process.execPath, script, ...args];
  const { stdout } = await run('sh', command, { env, maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as T;
}

/** The names in a table of what is reached that have this mutant. */
function reaching(
  table: Readonly<Record<string, readonly string[]>>,
  loaded: boolean,
  id: string,
): readonly string[] {
  return Object.entries(table)
    .filter(([, ids]) => loaded || ids.includes(id))
    .map(([name]) => name);
}

async function trialOf({ id, ...what }: Mutant, reach: Reach): Promise<Trial> {
  const loaded = reach.loaded.includes(id);
  const scopes = reaching(reach.scopes, loaded, id);
  const files = reaching(reach.recordings, loaded, id);
  const mutant = { id, ...what };
  const killedBy =
    scopes.length === 0
      ? null
      : await tried<string | null>(mutant, ['runs', String(RUNS), ...scopes]).catch(() => 'step');
  const recording =
    killedBy !== null || files.length === 0
      ? null
      : await tried<string | null>(mutant, [
          'recordings',
          RECORDINGS,
          ...files.map((file) => `${file}=${reach.agreed[file]}`),
        ]).catch(() => files[0] ?? null);
  return {
    ...what,
    reached: { byRuns: scopes.length > 0, byRecordings: files.length > 0 },
    killedBy,
    recording,
  };
}

const every = await everyMutant();
const chosen = sampleOf(every, size, seed);
const { files, mutants } = await instrumented(chosen);
await mkdir(join(ROOT, 'dist/mutation'), { recursive: true });
await bundled(files, script);
process.stdout.write(`${mutants.length} of ${every.length} mutants; what reaches them is looked at first\n`);
const reach = await tried<Reach>(null, ['reach', String(RUNS), RECORDINGS]);

const trials = new Map<Mutant, Trial>();

async function save(): Promise<void> {
  const names = [...new Set(every.map(({ fileName }) => folderOf(fileName)))];
  const folders = names.map((folder): [string, { of: number; drawn: number }] => [
    folder,
    {
      of: every.filter(({ fileName }) => folderOf(fileName) === folder).length,
      drawn: [...trials.keys()].filter(({ file }) => folderOf(file) === folder).length,
    },
  ]);
  const done = mutants.flatMap((mutant) => trials.get(mutant) ?? []);
  await writeData('code-mutation.json', {
    seed,
    runs: RUNS,
    folders: Object.fromEntries(folders),
    trials: done,
  } satisfies CodeMutation);
}

const waiting = [...mutants];
async function worker(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const trial = await trialOf(mutant, reach);
    trials.set(mutant, trial);
    const by = trial.killedBy ?? trial.recording ?? 'survives';
    process.stdout.write(
      `${trials.size}/${mutants.length} ${trial.file}:${trial.line} ${trial.original.slice(0, 40)} -> ${trial.replacement.slice(0, 40)}: ${by}\n`,
    );
    if (trials.size % 20 === 0) await save();
  }
}
await Promise.all(Array.from({ length: processes }, worker));
await save();
