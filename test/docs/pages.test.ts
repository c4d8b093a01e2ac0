import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../docs/committed.ts';
import { generatedPages } from '../../docs/pages.ts';

describe('generated pages', async () => {
  const pages = await generatedPages();
  it.each(pages.map(({ path, content }) => [path, content] as const))(
    '%s is up to date (npm run docs)',
    async (path, content) => {
      expect(await readFile(join(ROOT, path), 'utf8')).toBe(content);
    },
  );
});
