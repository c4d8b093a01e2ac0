import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { nestcheck } from '../cli/terminal.ts';

/** A command line of a page and what the page says it prints; null where it does not say. */
export interface Example {
  readonly page: string;
  readonly line: string;
  readonly output: string | null;
}

/** A file that a page shows: a block whose first line has a name behind the language. */
export interface Shown {
  readonly page: string;
  readonly name: string;
  readonly text: string;
}

/** Console blocks: lines that begin with `$ ` are commands, what follows is their output; a line `…` leaves lines open, `…` in a line the rest of it. */
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

/** Every command line that a page shows. */
export const examples = texts.flatMap(([page, text]) => examplesOf(page, text));

/** Every file that a page shows. */
export const shown = texts.flatMap(([page, text]) => filesOf(page, text));

/** Where the files are that pages show and commands write: a folder for each page, gone after the tests. */
let workspace = '';

function folderOf(page: string): string {
  return join(workspace, page.replaceAll('/', '-'));
}

/** Makes the folders of the pages, with the files that they show. */
export async function makeWorkspace(): Promise<void> {
  workspace = await mkdtemp(join(tmpdir(), 'nestcheck-'));
  for (const page of new Set([...examples, ...shown].map((each) => each.page))) await mkdir(folderOf(page));
  for (const { page, name, text } of shown) await writeFile(join(folderOf(page), name), text);
}

export async function dropWorkspace(): Promise<void> {
  await rm(workspace, { recursive: true });
}

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
  const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const lines = output
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(escaped).join('.*')}\n`));
  return new RegExp(`^${lines.join('')}$`);
}

/** The exit status that goes with the verdict that a page shows; null where it shows none. */
export function verdictOf(output: string): number | null {
  if (/^(?:Violated|Differ|Drifts)[:.]|: disagrees$|^[^ ]+ answers /m.test(output)) return 1;
  return /^(?:Holds|Same):|^Replays exactly\.$|: agrees$/m.test(output) ? 0 : null;
}

/** Runs a command line, and expects of it what its page shows. */
export async function expectAsShown({ page, line, output }: Example): Promise<void> {
  const [npx, name, ...argv] = words(line);
  expect([npx, name]).toEqual(['npx', 'nestcheck']);
  const { code, stdout, stderr } = await nestcheck(argv.map((word) => placed(page, word)));
  const refused = output?.startsWith('nestcheck: ') ?? false;
  const verdict = verdictOf(output ?? '');
  // Bad usage only where the page shows its message; 1 is what a page means that shows a violation.
  expect(refused ? [2] : verdict === null ? [0, 1] : [verdict], line).toContain(code);
  expect(asPrinted(page, refused ? stdout : stderr), line).toBe('');
  const printed = asPrinted(page, refused ? stderr : stdout);
  if (output === null) return;
  const wanted = expected(output);
  if (typeof wanted === 'string') expect(printed, line).toBe(wanted);
  else expect(`${printed}\n`, line).toMatch(wanted);
}
