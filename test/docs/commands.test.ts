import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { nestcheck } from '../cli/terminal.ts';

/** A command line of a page and what the page says it prints; null where it does not say. */
interface Example {
  readonly page: string;
  readonly line: string;
  readonly output: string | null;
}

/** A file that a page shows: a block whose first line has a name behind the language. */
interface Shown {
  readonly page: string;
  readonly name: string;
  readonly text: string;
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

function filesOf(page: string, text: string): readonly Shown[] {
  const blocks = text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, name = '', content = '']) => ({ page, name, text: content }));
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

const texts = await Promise.all(
  (await pages()).map(async (page) => [page, await readFile(join(ROOT, page), 'utf8')] as const),
);
const examples = texts.flatMap(([page, text]) => examplesOf(page, text));
const shown = texts.flatMap(([page, text]) => filesOf(page, text));

/** Where the files are that pages show and commands write: a folder for each page, gone after the tests. */
let workspace = '';

function folderOf(page: string): string {
  return join(workspace, page.replaceAll('/', '-'));
}

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'nestcheck-'));
  for (const page of new Set(examples.map((example) => example.page))) await mkdir(folderOf(page));
  for (const { page, name, text } of shown) await writeFile(join(folderOf(page), name), text);
});

afterAll(async () => {
  await rm(workspace, { recursive: true });
});

/** A word of a command line: what is in the repository stays, any other path is in the page's folder. */
function placed(page: string, word: string): string {
  const isPath = /^\.\/|\.(?:ts|jsonl?|xml)$/.test(word) && !existsSync(join(ROOT, word));
  return isPath ? join(folderOf(page), word.replace(/^\.\//, '')) : word;
}

/** What was printed, as one sees it who is in the page's folder; `…` on the page stands for the rest of a line. */
function asPrinted(page: string, text: string): string {
  return text.replaceAll(`${folderOf(page)}/`, './').trimEnd();
}

function expected(output: string): string | RegExp {
  if (!output.includes('…')) return output;
  const parts = output.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

describe('the command lines of the documentation', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  // A page is read from its top: what one line writes, a later one reads.
  it.each([...new Set(examples.map(({ page }) => page))])('print what %s says', async (page) => {
    for (const example of examples.filter((each) => each.page === page)) await expectAsShown(example);
  });
});

async function expectAsShown({ page, line, output }: Example): Promise<void> {
  const [npx, name, ...argv] = words(line);
  expect([npx, name]).toEqual(['npx', 'nestcheck']);
  const { code, stdout, stderr } = await nestcheck(argv.map((word) => placed(page, word)));
  const refused = output?.startsWith('nestcheck: ') ?? false;
  // Bad usage only where the page shows its message; 1 is what a page means that shows a violation.
  expect(refused ? [2] : [0, 1], line).toContain(code);
  expect(asPrinted(page, refused ? stdout : stderr), line).toBe('');
  const printed = asPrinted(page, refused ? stderr : stdout);
  if (output === null) return;
  const wanted = expected(output);
  if (typeof wanted === 'string') expect(printed, line).toBe(wanted);
  else expect(printed, line).toMatch(wanted);
}

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
