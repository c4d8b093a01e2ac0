import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';

/*
 * The tests run the code that tsc has made of the sources. It is what users run, it loads in a tenth of the time, and it
 * runs faster than modules that the test runner has rewritten.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAMP = join(ROOT, 'dist/.tsbuildinfo');
const FOLDERS = [
  'bench',
  'checker',
  'cli',
  'conformance',
  'lab',
  'live',
  'model',
  'overrides',
  'properties',
  'spec',
  'tools',
  'workload',
];

/** Every import of a source by a test, or by the page in the browser, leads to what was built of it. */
export function built(): Plugin {
  return {
    name: 'built',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith('.')) return null;
      const path = relative(ROOT, resolve(dirname(importer), source));
      if (path !== 'index.ts' && !FOLDERS.includes(path.split('/')[0] as string)) return null;
      const id = join(ROOT, 'dist', path.replace(/\.ts$/, '.js'));
      return existsSync(id) ? { id, external: true } : null;
    },
  };
}

/** Builds before the first test where a source is newer than the last build. */
export default function setup(): void {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const since = existsSync(STAMP) ? statSync(STAMP).mtimeMs : 0;
  if (sources.every((source) => statSync(source).mtimeMs <= since)) return;
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('the sources do not compile; npm run typecheck says why');
  utimesSync(STAMP, new Date(), new Date());
}
