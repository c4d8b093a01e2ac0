import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';
import { ROOT } from '../committed.ts';

/** What tries a mutant, in one file, with these texts in the place of the sources'. */
export async function bundled(files: ReadonlyMap<string, string>, to: string): Promise<void> {
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  await build({
    input: join(ROOT, 'tools/mutation/trial.ts'),
    platform: 'node',
    external: Object.keys({ ...dependencies, ...peerDependencies }).map(
      (name) => new RegExp(`^${name}(/|$)`),
    ),
    plugins: [
      {
        name: 'mutants',
        load(id) {
          const code = files.get(id.slice(ROOT.length).replace(/^\//, ''));
          return code === undefined ? null : { code, moduleType: 'ts' };
        },
      },
    ],
    output: { file: to, format: 'esm', codeSplitting: false },
  });
}
