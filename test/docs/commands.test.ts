import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../docs/committed.ts';
import { nestcheck } from '../cli/terminal.ts';

/** A command line of a page and what the page says it prints; null where it does not say. */
interface Example {
  readonly page: string;
  readonly line: string;
  readonly output: string | null;
}

/** Console blocks: lines that begin with `$ ` are commands, what follows is their output, `…` leaves it open. */
function examplesOf(page: string, text: string): readonly Example[] {
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line = '', ...rest] = part.split('\n');
        const output = rest.join('\n').trimEnd();
        return { page, line, output: output === '…' || output === '' ? null : output };
      }),
  );
}

async function pages(): Promise<readonly string[]> {
  const inFolders = await Promise.all(
    ['docs', 'counterexamples'].map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((name) => `${folder}/${name}`),
    ),
  );
  return ['README.md', 'CONTRIBUTING.md', ...inFolders.flat().filter((name) => name.endsWith('.md'))];
}

/** Splits a command line as a shell does, as far as these pages go. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const examples = (
  await Promise.all(
    (await pages()).map(async (page) => examplesOf(page, await readFile(join(ROOT, page), 'utf8'))),
  )
).flat();

describe('the command lines of the documentation', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  it.each(examples.map((example) => [example.page, example.line, example] as const))(
    '%s: %s',
    async (_page, line, { output }) => {
      const [npx, name, ...argv] = words(line);
      expect([npx, name]).toEqual(['npx', 'nestcheck']);
      const { code, stdout, stderr } = await nestcheck(argv);
      expect(stderr).toBe('');
      // 1 is what a page means that shows a violation; bad usage is what it cannot mean.
      expect([0, 1]).toContain(code);
      if (output !== null) expect(stdout.trimEnd()).toBe(output);
    },
  );
});
