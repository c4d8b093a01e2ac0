import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';

const FOLDERS = [
  'spec',
  'model',
  'overrides',
  'properties',
  'workload',
  'checker',
  'conformance',
  'tools',
  'cli',
  'live',
  'docs',
];
const CITED = /\b[RF]-\d+\b/g;

async function textsOf(folder: string): Promise<readonly (readonly [path: string, text: string])[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  const paths = names.filter((name) => /\.(ts|md)$/.test(name)).map((name) => join(folder, name));
  return Promise.all(paths.map(async (path) => [path, await readFile(join(ROOT, path), 'utf8')] as const));
}

describe('the rules of the kernel and the findings that comments cite by number', async () => {
  const rules = await readFile(join(ROOT, 'docs/rules.md'), 'utf8');
  const told = new Set([...rules.matchAll(/^- \*\*([RF]-\d+)\*\* \S/gm)].map(([, number]) => number));

  it('stand in docs/rules.md', async () => {
    const missing: string[] = [];
    let cited = 0;
    for (const folder of FOLDERS)
      for (const [path, text] of await textsOf(folder))
        for (const [number] of text.matchAll(CITED)) {
          cited++;
          if (!told.has(number)) missing.push(`${path}: ${number}`);
        }
    expect(missing).toEqual([]);
    expect(cited).toBeGreaterThan(300);
  });
});
