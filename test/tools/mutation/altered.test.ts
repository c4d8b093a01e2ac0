import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Altered, pathOfCopy } from '../../../tools/mutation/altered.ts';

const LINES = ['{"ev":"open","ret":3,"path":"/dev/iommu"}', '{"ev":"close","fd":3,"ret":0}'];

async function copiesOf(texts: readonly string[]): Promise<readonly (readonly string[])[]> {
  const root = await mkdtemp(join(tmpdir(), 'nestcheck-altered-'));
  await mkdir(join(root, 'a'));
  const altered = new Altered(root);
  const all: string[][] = [];
  for (const [nth, text] of texts.entries()) {
    const file = `a/${nth}.jsonl`;
    await writeFile(join(root, file), text);
    const count = await altered.copiesOf(root, file);
    const copies = Array.from({ length: count }, (_, copy) => readFile(pathOfCopy(root, file, copy), 'utf8'));
    all.push(await Promise.all(copies));
  }
  return all;
}

it('changes each kind of value, leaves out each kind of field, and drops, repeats and breaks off each kind of line', async () => {
  const text = `${LINES.join('\n')}\n`;
  const [open, close] = LINES as [string, string];
  const [copies = []] = await copiesOf([text]);
  expect(copies.map((copy) => copy.trimEnd().split('\n'))).toEqual([
    ['{"ev":"open","ret":4,"path":"/dev/iommu"}', close],
    [open, '{"ev":"close","fd":4,"ret":0}'],
    [open, '{"ev":"close","fd":3,"ret":1}'],
    ['{"ret":3,"path":"/dev/iommu"}', close],
    ['{"ev":"open","path":"/dev/iommu"}', close],
    [open, '{"fd":3,"ret":0}'],
    [open, '{"ev":"close","ret":0}'],
    [close],
    [open],
    [open, open, close],
    [open, close, close],
    [open.slice(0, 21)],
    [open, close.slice(0, 15)],
  ]);
});

it('does the same in few recordings', async () => {
  const text = `${LINES.join('\n')}\n`;
  const counts = (await copiesOf([text, text, text])).map((copies) => copies.length);
  expect(counts).toEqual([13, 13, 0]);
});
