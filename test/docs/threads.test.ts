import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECISIONS } from '../../spec/decisions/index.ts';
import { THREAD_TABLE } from '../../spec/decisions/thread-table.ts';
import { THREADS } from '../../spec/decisions/threads.ts';
import { ROOT } from '../../tools/committed.ts';

/** The mails without their quotation marks and line breaks, and with lines that are only markup of the archive in them. */
function asOneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^[>\s|]*/, ''))
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}

const texts = new Map<string, string>();
for (const { seed } of THREADS) {
  const file = join(ROOT, 'test/data/threads', `${seed.slice(0, 3)}.txt`);
  texts.set(seed, asOneLine(await readFile(file, 'utf8')));
}

const quotations = DECISIONS.flatMap(({ id, source, replies = [] }) =>
  [source, ...replies].flatMap(({ seed, author, says }) =>
    says === undefined ? [] : says.split(' … ').map((part) => [id, author, seed, part] as const),
  ),
);

describe('quotations of the threads', () => {
  it('are there for nearly every record', () => {
    expect(new Set(quotations.map(([id]) => id)).size).toBeGreaterThan(60);
  });

  it.each(quotations)('%s, %s: are the words of the mail', (_id, _author, seed, says) => {
    expect(texts.get(seed)).toContain(says.replaceAll(/\s+/g, ' '));
  });

  it.each(THREAD_TABLE.map((row) => [row.unit, row.hardware.join(), row] as const))(
    'the row of %s on %s is that of the mail',
    (_unit, _hardware, { cells }) => {
      expect(texts.get('002_2722f0477c083981')).toContain(cells.join(' | '));
    },
  );

  it('name their threads by subject on the page of the threads', async () => {
    const page = await readFile(join(ROOT, 'docs/threads.md'), 'utf8');
    for (const { subject } of THREADS) expect(page).toContain(subject);
  });
});
