import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './committed.ts';

/*
 * Installs the package as it would be published into a project of its own, and runs there what docs/library.md shows: its
 * types are checked, its tests pass, and there is one copy of fast-check. `npm run package-check` does it.
 */

const run = promisify(execFile);
const { devDependencies } = createRequire(import.meta.url)('nestcheck/package.json') as {
  readonly devDependencies: Readonly<Record<string, string>>;
};

const TOOLS = ['fast-check', 'typescript', 'vitest', '@types/node'] as const;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    types: ['node'],
    exactOptionalPropertyTypes: true,
  },
  include: ['*.test.ts'],
};

/** The files that a page shows, by name. */
function filesIn(page: string): ReadonlyMap<string, string> {
  return new Map(
    [...page.matchAll(/^```ts (\S+\.test\.ts)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  );
}

const project = await mkdtemp(join(tmpdir(), 'nestcheck-packed-'));
try {
  const inProject = { cwd: project, maxBuffer: 64 << 20 };
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
    cwd: ROOT,
    maxBuffer: 64 << 20,
  });
  const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz')) ?? '';
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'uses-nestcheck',
      private: true,
      type: 'module',
      dependencies: { nestcheck: `file:${tarball}` },
      devDependencies: Object.fromEntries(TOOLS.map((name) => [name, devDependencies[name]])),
    }),
  );
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const files = filesIn(await readFile(join(ROOT, 'docs/library.md'), 'utf8'));
  if (files.size === 0) throw new Error('docs/library.md shows no test');
  for (const [name, text] of files) await writeFile(join(project, name), text);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], inProject);
  const { stdout: copies } = await run('npm', ['ls', 'fast-check', '--all', '--parseable'], inProject);
  const found = copies.trim().split('\n');
  if (found.length !== 1) throw new Error(`expected one copy of fast-check, got ${found.join(', ')}`);
  await run('npx', ['tsc', '-p', '.'], inProject);
  await run('npx', ['vitest', 'run'], inProject);
  const { stdout } = await run('npx', ['nestcheck', 'list', 'designs'], inProject);
  if (!stdout.includes('kernel=linux-7.2')) throw new Error(`expected the designs, got ${stdout}`);
  process.stdout.write(`The packed package passes the ${files.size} tests of docs/library.md.\n`);
} catch (error) {
  const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
  process.stderr.write(`${String(error)}\n${stdout}${stderr}`);
  process.exitCode = 1;
} finally {
  await rm(project, { recursive: true });
}
