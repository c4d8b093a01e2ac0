import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { dropWorkspace, examples, expectAsShown, makeWorkspace, shown } from './examples.ts';
import { FIRST_PAGES } from './first-pages.ts';

beforeAll(makeWorkspace);
afterAll(dropWorkspace);

describe('the command lines of the documentation', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  // A page is read from its top: what one line writes, a later one reads.
  it.each([...new Set(examples.map(({ page }) => page))].filter((page) => !FIRST_PAGES.includes(page)))(
    'print what %s says',
    async (page) => {
      for (const example of examples.filter((each) => each.page === page)) await expectAsShown(example);
    },
  );
});

describe('the files that the documentation shows', () => {
  const kept = shown.filter(({ name }) => existsSync(join(ROOT, 'docs/examples', name)));

  it('are, where they are more than a line, those of docs/examples, which are type-checked', async () => {
    const names = (await readdir(join(ROOT, 'docs/examples'))).sort();
    expect(kept.map(({ name }) => name).sort()).toEqual(names);
  });

  it.each(kept.map((each) => [each.name, each.text] as const))('%s', async (name, text) => {
    expect(text).toBe(await readFile(join(ROOT, 'docs/examples', name), 'utf8'));
  });
});
