import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file } from '../cli/file.ts';
import { nestcheck } from '../cli/terminal.ts';
import { dropWorkspace, examples, expectAsShown, makeWorkspace, shown, verdictOf } from './examples.ts';
import { FIRST_PAGES } from './first-pages.ts';

beforeAll(makeWorkspace);
afterAll(dropWorkspace);

describe.each(FIRST_PAGES)('the command lines of %s', (page) => {
  const own = examples.filter((each) => each.page === page);

  // The page is read from its top: what one line writes, a later one reads.
  it.each(own.map((each) => [each.line, each] as const))('%s', async (_, each) => {
    await expectAsShown(each);
  });

  it('that come to a verdict say which', () => {
    const silent = own.filter(
      ({ line, output }) =>
        /nestcheck (?:check|explore|run|diff|replay|conform) /.test(line) &&
        output?.startsWith('nestcheck: ') !== true &&
        verdictOf(output ?? '') === null,
    );
    expect(silent.map(({ line }) => line)).toEqual([]);
  });
});

it('the sequence of ten steps, pasted back as it was printed, is the same sequence', async () => {
  const { text = '' } = shown.find(({ name }) => name === 'mine.steps') ?? {};
  const once = await nestcheck(['run', await file('mine.steps', text)]);
  expect(once.stdout).toMatch(/^10 {2}vmm:vm0/m);
  const again = await nestcheck(['run', await file('pasted.steps', once.stdout)]);
  expect(again).toEqual(once);
});
