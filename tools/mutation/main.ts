import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CodeMutation,
  folderOf,
  isKilled,
  type Mutant,
  type Trial,
} from '../../checker/measure/code-mutation.ts';
import { ROOT } from '../committed.ts';
import { readCodeMutation, writeData } from '../data.ts';
import { bundled } from './bundle.ts';
import { everyMutant, instrumented } from './instrument.ts';
import { isAsked, isRecorded, optionsOf } from './options.ts';
import type { Reach, Said } from './plan.ts';
import { isReached, specOf } from './reaching.ts';
import { sampleOf } from './sample.ts';

/*
 * The second part of npm run mutation: mutants of the source text of model/ and conformance/, a sample of them, each tried with
 * the runs of a check that get to it, then with the recordings, then with the committed counterexamples; into
 * tools/data/code-mutation.json. What was tried in the same text of its file is kept.
 *
 *   node dist/tools/mutation/main.js [--again] [--only survivors|unexplained|recorded] [--reached-as-before] [--file GLOB] [--runs N] [--most N] [--size N] [--seed N] [--processes N]
 */
const options = optionsOf(process.argv.slice(2));

/** Of a check over all scopes, and under each other design. What is not found in these may be found in more. */
const RUNS = options.runs;
const OTHER_RUNS = Math.ceil(RUNS / 25);

/** A mutant that much gets to is not tried with all of it: the score is a lower bound. */
const MOST = {
  runs: options.most,
  otherRuns: Math.floor(options.most / 50),
  replays: options.most * 100,
  counterexamples: options.most,
};

/** Seconds of work for what takes at most two hundred without a mutant: one that takes longer does not end. */
const PATIENCE = 500;

const run = promisify(execFile);
const work = join(ROOT, 'dist/mutation');
const script = join(work, 'trial.mjs');

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function tried(mutant: Mutant | null, args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...(mutant === null ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant.id }) };
  const limit = mutant === null ? 'unlimited' : String(PATIENCE);
  const command = ['-c', 'ulimit -t "$1"; shift; exec "$@"', 'sh', limit, process.execPath, script, ...args];
  const { stdout } = await run('sh', command, { env, maxBuffer: 2 ** 29 }).catch((error: unknown) => {
    // A mutant may end the process: what it said until then is known.
    if (mutant !== null && error instanceof Error && 'stdout' in error)
      return error as unknown as { stdout: string };
    throw error;
  });
  return stdout;
}

/** What gets to which mutant; of the same bundle it is known. */
async function reachOf(): Promise<Reach> {
  const path = join(work, 'reach.json');
  const bundle = digest(`${RUNS} ${OTHER_RUNS} ${await readFile(script, 'utf8')}`);
  const known = await readFile(path, 'utf8').then(JSON.parse, () => null);
  if (known !== null && (options.reachedAsBefore || known.bundle === bundle)) return known.reach;
  const reach = JSON.parse(await tried(null, ['reach', ROOT, String(RUNS), String(OTHER_RUNS)])) as Reach;
  await writeFile(path, JSON.stringify({ bundle, reach }));
  return reach;
}

type Killed = Pick<Trial, 'killedBy' | 'under' | 'unseen' | 'recording' | 'counterexample'>;

function killedOf(stdout: string): Killed {
  const none: Killed = { killedBy: null, under: null, unseen: null, recording: null, counterexample: null };
  let stage: Said = { stage: 'runs', design: '' };
  let killer: string | null = null;
  for (const line of stdout.split('\n').slice(0, -1)) {
    const said = JSON.parse(line) as Said | { readonly killer: string };
    if ('killer' in said) killer = said.killer;
    else stage = said;
  }
  switch (stage.stage) {
    case 'runs':
      return { ...none, killedBy: killer ?? 'step', under: stage.design === '' ? null : stage.design };
    case 'seen':
      return { ...none, unseen: stage.name };
    case 'recording':
      return { ...none, recording: stage.name };
    case 'counterexample':
      return { ...none, counterexample: stage.name };
    default:
      return none;
  }
}

let looked = false;

/** The first trial is made without its mutant, too: nothing must kill it then. */
async function seeThatItSurvives(path: string): Promise<void> {
  if (looked) return;
  looked = true;
  const killed = Object.values(killedOf(await tried(null, ['try', path]))).find((by) => by !== null);
  if (killed !== undefined) throw new Error(`without a mutant ${killed} is told`);
}

/** By what it is reached, if only by few runs. */
function reachedOf(reach: Reach, id: string): Trial['reached'] {
  return isReached(specOf(ROOT, reach, id, { ...MOST, otherRuns: 1 }));
}

/** `before`: what is known of the same mutant, which stays killed. */
async function trialOf({ id, ...what }: Mutant, reach: Reach, before: Trial | undefined): Promise<Trial> {
  const whole = specOf(ROOT, reach, id, MOST);
  const reached = reachedOf(reach, id);
  const isKnown = before !== undefined && options.only === 'recorded' && isRecorded(before);
  const spec = isKnown ? { ...whole, replayed: [], counterexamples: [] } : whole;
  if (!Object.values(reached).includes(true))
    return {
      ...what,
      reached,
      killedBy: null,
      under: null,
      unseen: null,
      recording: null,
      counterexample: null,
    };
  const path = join(work, `spec-${id}.json`);
  await writeFile(path, JSON.stringify(spec));
  await seeThatItSurvives(path);
  const trial = { ...what, reached, ...killedOf(await tried({ id, ...what }, ['try', path])) };
  return isKnown && !isKilled(trial) ? { ...before, reached } : trial;
}

const every = await everyMutant();
const chosen = sampleOf(every, options.size, options.seed);
const { files, mutants } = await instrumented(chosen);
const texts = new Map<string, string>();
for (const file of new Set(mutants.map((mutant) => mutant.file)))
  texts.set(file, digest(await readFile(join(ROOT, file), 'utf8')));

const before = await readCodeMutation();
const known = new Map<string, Trial>();
for (const trial of before?.trials ?? [])
  if (before?.texts[trial.file] === texts.get(trial.file)) known.set(nameOf(trial), trial);

function nameOf({ file, line, mutator, original, replacement }: Omit<Mutant, 'id'>): string {
  return JSON.stringify([file, line, mutator, original, replacement]);
}

const trials = new Map<Mutant, Trial>();
for (const mutant of mutants) {
  const trial = known.get(nameOf(mutant));
  if (trial !== undefined) trials.set(mutant, trial);
}
const waiting = mutants.filter((mutant) => isAsked(options, mutant.file, trials.get(mutant)));

await mkdir(work, { recursive: true });
await bundled(files, script);
process.stdout.write(
  `${mutants.length} of ${every.length} mutants, ${waiting.length} to try; what reaches them is looked at first\n`,
);
const reach = await reachOf();
for (const [mutant, trial] of trials) trials.set(mutant, { ...trial, reached: reachedOf(reach, mutant.id) });

async function save(): Promise<void> {
  const names = [...new Set(every.map(({ fileName }) => folderOf(fileName)))];
  const folders = names.map((folder): [string, { of: number; drawn: number }] => [
    folder,
    {
      of: every.filter(({ fileName }) => folderOf(fileName) === folder).length,
      drawn: [...trials.keys()].filter(({ file }) => folderOf(file) === folder).length,
    },
  ]);
  await writeData('code-mutation.json', {
    seed: options.seed,
    runs: RUNS,
    otherRuns: OTHER_RUNS,
    most: MOST,
    folders: Object.fromEntries(folders),
    texts: Object.fromEntries(texts),
    trials: mutants.flatMap((mutant) => trials.get(mutant) ?? []),
  } satisfies CodeMutation);
}

const asked = waiting.length;
let done = 0;
async function worker(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const trial = await trialOf(mutant, reach, trials.get(mutant));
    trials.set(mutant, trial);
    const by = trial.killedBy ?? trial.unseen ?? trial.recording ?? trial.counterexample ?? 'survives';
    process.stdout.write(
      `${++done}/${asked} ${trial.file}:${trial.line} ${trial.original.slice(0, 40)} -> ${trial.replacement.slice(0, 40)}: ${by}${trial.under === null ? '' : ` under ${trial.under}`}\n`,
    );
    if (done % 10 === 0) await save();
  }
}
await Promise.all(Array.from({ length: options.processes }, worker));
await save();
