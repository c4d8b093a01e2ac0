/*
 * The last step of the build: what tsc wrote, in few files, because to load eight hundred takes half a second. The library
 * and the command are bundled together, so that a user's module, which imports the library, meets the very functions that
 * the command works with. Beside them go the declarations that those of the library lead to, and no others.
 */
import { chmod, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'rolldown';

// tsc leaves its record as it is where nothing has changed: what is older than it needs no other build.
await utimes('dist/.tsbuildinfo', new Date(), new Date());

const { dependencies, peerDependencies } = JSON.parse(await readFile('package.json', 'utf8'));

await build({
  input: {
    index: 'dist/index.js',
    cli: 'dist/cli/main.js',
    'check-worker': 'dist/checker/parallel/worker.js',
    'explore-worker': 'dist/checker/explore/worker.js',
  },
  platform: 'node',
  external: Object.keys({ ...dependencies, ...peerDependencies }).map((name) => new RegExp(`^${name}(/|$)`)),
  // Names stay, for messages and stack traces; comments and space go.
  output: {
    dir: 'dist/bundle',
    format: 'esm',
    cleanDir: true,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
// npx remembers where it found the command, which was not always here: both can be run.
for (const command of ['dist/bundle/cli.js', 'dist/cli/main.js']) await chmod(command, 0o755);

const TYPES = 'dist/types';
await rm(TYPES, { recursive: true, force: true });
// Each machine adds its part to the world, the commands and the rules where it declares them: nothing else leads there.
const parts = await augmentations();
for (const file of await declarationsFrom(['dist/index.d.ts', ...parts])) {
  const to = join(TYPES, relative('dist', file));
  await mkdir(dirname(to), { recursive: true });
  await cp(file, to);
}
const imports = parts.map((file) => `import './${relative('dist', file).replace(/\.d\.ts$/, '.ts')}';\n`);
await writeFile(join(TYPES, 'index.d.ts'), imports.join('') + (await readFile('dist/index.d.ts', 'utf8')));

/** The declaration files that add to what another one declares. */
async function augmentations() {
  const found = [];
  for (const name of (await readdir('dist/model', { recursive: true })).sort()) {
    const file = join('dist/model', name);
    if (name.endsWith('.d.ts') && /^declare module '\./m.test(await readFile(file, 'utf8'))) found.push(file);
  }
  return found;
}

/** Declaration files, and all that they import from here. */
async function declarationsFrom(first) {
  const found = new Set(first);
  for (const file of found) {
    const text = await readFile(file, 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import\()\s*['"](\.{1,2}\/[^'"]+)['"]/g))
      found.add(join(dirname(file), path).replace(/\.[jt]s$/, '.d.ts'));
  }
  return found;
}
