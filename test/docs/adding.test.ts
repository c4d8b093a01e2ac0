import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';

describe('the page on adding a piece', async () => {
  const page = await readFile(join(ROOT, 'docs/adding.md'), 'utf8');
  const snippets = [...page.matchAll(/^`([^`]+)`:\n\n```ts\n([\s\S]*?)\n```$/gm)];

  it('has snippets of every kind', () => {
    expect(snippets.length).toBeGreaterThanOrEqual(8);
  });

  it.each(snippets.map(([, path = '', text = '']) => [path, text] as const))(
    'shows %s as it is',
    async (path, text) => {
      expect(await readFile(join(ROOT, path), 'utf8')).toContain(text);
    },
  );
});
