/*
 * The last step of the build: what tsc wrote, in few files, because to load eight hundred takes half a second. The library
 * and the command are bundled together, so that a user's module, which imports the library, meets the very functions that
 * the command works with.
 */
import { chmod, readFile } from 'node:fs/promises';
import { build } from 'rolldown';

const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));

await build({
  input: {
    index: 'dist/index.js',
    cli: 'dist/cli/main.js',
    'check-worker': 'dist/checker/parallel/worker.js',
    'explore-worker': 'dist/checker/explore/worker.js',
  },
  platform: 'node',
  external: Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
  output: { dir: 'dist/bundle', format: 'esm', sourcemap: true, cleanDir: true },
});
// npx remembers where it found the command, which was not always here: both can be run.
for (const command of ['dist/bundle/cli.js', 'dist/cli/main.js']) await chmod(command, 0o755);
