import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { isKilled, type Mutant, type Trial } from '../../checker/measure/code-mutation.ts';
import { ROOT } from '../committed.ts';
import { readCodeMutation, writeData } from '../data.ts';
import { everyMutant, instrumented } from './instrument.ts';
import { sampleOf } from './sample.ts';

/*
 * Which test fails with a mutant that nothing of main.js kills: in a copy of the tree that has the mutants in it, the tests that get to each
 * are run, those that take least first. Into tools/data/code-mutation.json, as `test`; it does not count as killed.
 *
 *   node dist/tools/mutation/held.js
 */
const TREE = join(ROOT, 'dist/mutation/tree');

/** Seconds of work for one test file; the longest of those below takes a few. */
const PATIENCE = 120;

/** Of these folders. The others replay recordings or make checks, which main.js has done. */
const TESTS = ['test/model', 'test/conformance', 'test/overrides'];
const LONG = ['conformance/conform', 'conformance/linux/recordings', 'conformance/fuzz', 'conformance/vmm'];

const run = promisify(execFile);

/** Notes what each test file gets to. */
const NOTE = `
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
const began = performance.now();
beforeAll(() => { globalThis.__stryker__.currentTestId = expect.getState().testPath; });
afterAll(() => {
  const path = expect.getState().testPath;
  const { perTest = {}, static: loaded = {} } = globalThis.__stryker__.mutantCoverage ?? {};
  const what = { path, ms: performance.now() - began, ids: Object.keys(perTest[path] ?? {}), loaded: Object.keys(loaded) };
  if (process.env.NOTES) writeFileSync(\`\${process.env.NOTES}/\${path.replaceAll('/', '_')}.json\`, JSON.stringify(what));
});
globalThis.__stryker__ ??= {};
`;

interface Note {
  readonly path: string;
  readonly ms: number;
  readonly ids: readonly string[];
  readonly loaded: readonly string[];
}

async function plant(files: ReadonlyMap<string, string>): Promise<void> {
  await rm(TREE, { recursive: true, force: true });
  await mkdir(TREE, { recursive: true });
  for (const name of await readdir(ROOT)) {
    if (['.git', 'dist', 'node_modules'].includes(name)) continue;
    await cp(join(ROOT, name), join(TREE, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(TREE, 'node_modules'));
  for (const [path, text] of files) await writeFile(join(TREE, path), text);
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'];
  await run(process.execPath, [...tsc, '--declaration', 'false'], { cwd: TREE });
  const now = new Date(Date.now() + 60_000);
  await writeFile(join(TREE, 'dist/.tsbuildinfo'), '', { flag: 'a' });
  await utimes(join(TREE, 'dist/.tsbuildinfo'), now, now);
  const setup = join(TREE, 'test/support/seed.ts');
  await writeFile(setup, `${await readFile(setup, 'utf8')}${NOTE}`);
}

/** Whether a run of these tests passes. */
async function passes(tests: readonly string[], env: NodeJS.ProcessEnv, seconds: number): Promise<boolean> {
  const command = [
    '-c',
    'ulimit -t "$1"; shift; exec "$@"',
    'sh',
    seconds === 0 ? 'unlimited' : String(seconds),
  ];
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1'];
  return run('sh', [...command, ...vitest, ...tests], {
    cwd: TREE,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  }).then(
    () => true,
    () => false,
  );
}

async function testsOf(): Promise<readonly string[]> {
  const tests: string[] = [];
  for (const folder of TESTS)
    for (const name of (await readdir(join(ROOT, folder), { recursive: true })).sort())
      if (name.endsWith('.test.ts')) tests.push(join(folder, name));
  return tests.filter((test) => !LONG.some((long) => test.endsWith(`${long}.test.ts`)));
}

async function notes(): Promise<readonly Note[]> {
  const folder = join(ROOT, 'dist/mutation/notes');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (!(await passes(await testsOf(), { NOTES: folder }, 0)))
    throw new Error('a test fails without a mutant');
  const read = async (name: string): Promise<Note> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const all = await Promise.all((await readdir(folder)).map(read));
  return all.toSorted((a, b) => a.ms - b.ms);
}

async function holder(mutant: Mutant, all: readonly Note[]): Promise<string | null> {
  const loaded = all.some((note) => note.loaded.includes(mutant.id));
  const mine = all.filter((note) => loaded || note.ids.includes(mutant.id));
  const env = { __STRYKER_ACTIVE_MUTANT__: mutant.id };
  const paths = mine.map(({ path }) => path);
  if (paths.length === 0 || (await passes(paths, env, PATIENCE * 2))) return null;
  for (const path of paths.slice(0, -1)) if (!(await passes([path], env, PATIENCE))) return path;
  return paths.at(-1) ?? null;
}

/** Found so far; a second call goes on where the first was ended. */
const FOUND = join(ROOT, 'dist/mutation/held.json');

const nameOf = ({ file, line, mutator, original, replacement }: Omit<Mutant, 'id'>): string =>
  JSON.stringify([file, line, mutator, original, replacement]);

async function survivors(): Promise<ReadonlySet<string>> {
  const data = await readCodeMutation();
  if (data === null) throw new Error('node dist/tools/mutation/main.js comes first');
  return new Set(data.trials.filter((trial) => !isKilled(trial)).map(nameOf));
}

const { values } = parseArgs({
  options: { size: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } },
});
const chosen = sampleOf(await everyMutant(), Number(values.size), Number(values.seed));
const { files, mutants } = await instrumented(chosen);
await plant(files);
const all = await notes();
const found: Record<string, string | null> = await readFile(FOUND, 'utf8').then(JSON.parse, () => ({}));
for (const mutant of mutants) {
  const name = nameOf(mutant);
  if (name in found || !(await survivors()).has(name)) continue;
  const path = await holder(mutant, all);
  found[name] = path === null ? null : path.slice(TREE.length + 1);
  process.stdout.write(`${name}: ${found[name] ?? 'no test'}\n`);
  await writeFile(FOUND, JSON.stringify(found));
}
const data = await readCodeMutation();
const trials = (data?.trials ?? []).map((trial): Trial => {
  const { test: _, ...rest } = trial;
  const name = nameOf(trial);
  return isKilled(trial) || !(name in found) ? rest : { ...rest, test: found[name] ?? null };
});
await writeData('code-mutation.json', { ...data, trials });
