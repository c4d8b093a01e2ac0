import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { generatedPages } from '../../tools/pages.ts';
import { strayPages } from '../../tools/stray.ts';

/** Pages that people write and generated ones lead to. */
const WRITTEN: readonly string[] = ['docs/threads.md', 'docs/msi.md'];

describe('generated pages', async () => {
  const pages = await generatedPages();
  it.each(pages.map(({ path, content }) => [path, content] as const))(
    '%s is up to date (npm run docs)',
    async (path, content) => {
      expect(await readFile(join(ROOT, path), 'utf8')).toBe(content);
    },
  );

  it('are all that is in their folders (npm run docs)', async () => {
    expect(await strayPages(pages)).toEqual([]);
  });

  it('link only to what there is', async () => {
    const paths = new Set(pages.map(({ path }) => path));
    const broken = pages.flatMap(({ path, content }) => {
      const links = [...content.matchAll(/\]\(([^)#:]+\.md)[^)]*\)/g)].map(([, target = '']) => target);
      return links
        .map((target) => join(path, '..', target))
        .filter((target) => !paths.has(target) && !WRITTEN.includes(target));
    });
    expect(broken).toEqual([]);
  });
});

describe('written pages', async () => {
  const folders = ['.', 'docs', 'conformance', 'lab', 'checker/explore'];
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(ROOT, folder))).flatMap((name) =>
        name.endsWith('.md') ? [join(folder, name)] : [],
      ),
    ),
  );
  it.each(names.flat())('%s links only to what there is', async (path) => {
    const text = await readFile(join(ROOT, path), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(ROOT, path, '..', target)))).toEqual([]);
  });
});
