import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Selection } from '../record.ts';
import { isModulePath } from '../select/module-path.ts';

/** What decides which states there are, and what is found in them. */
const LAYERS = ['spec', 'model', 'overrides', 'properties', 'checker'] as const;

const PACKAGE = dirname(createRequire(import.meta.url).resolve('nestcheck/package.json'));

/** `.ts` where this runs from its sources, else `.js`. */
const HERE = fileURLToPath(import.meta.url);
const KIND = extname(HERE);
/** What is published is in few files, which have all layers in them. */
const IS_BUNDLED = basename(dirname(HERE)) === 'bundle';
const ROOT = KIND === '.ts' ? PACKAGE : join(PACKAGE, 'dist');

/** A digest of the programme itself and of the user's own designs: what one has saved, no other may go on with. */
export function digestOfSources({ design }: Pick<Selection, 'design'>): string {
  const hash = createHash('sha256');
  const add = (name: string, path: string): void => {
    hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
  };
  for (const layer of IS_BUNDLED ? ['bundle'] : LAYERS) {
    const names = readdirSync(join(ROOT, layer), { recursive: true, encoding: 'utf8' }).sort();
    for (const name of names) {
      if (extname(name) === KIND && !name.endsWith('.d.ts')) add(join(layer, name), join(ROOT, layer, name));
    }
  }
  for (const path of Object.keys(design).filter(isModulePath).sort()) add(path, resolve(path));
  return hash.digest('hex');
}
