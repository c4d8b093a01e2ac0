import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file } from '../cli/file.ts';
import { nestcheck } from '../cli/terminal.ts';
import { dropWorkspace, examples, expectAsShown, makeWorkspace, shown, verdictOf } from './examples.ts';
import { FIRST_PAGES } from './first-pages.ts';

beforeAll(makeWorkspace);
afterAll(dropWorkspace);

describe.each(FIRST_PAGES)('the command lines of %s', (page) => {
  const own = examples.filter((each) => each.page === page);

  // The page is read from its top: what one line writes, a later one reads. Whichever is asked for first, those above it are run.
  const made: Promise<void>[] = [];
  async function upTo(last: number): Promise<void> {
    for (const [at, each] of own.slice(0, last + 1).entries()) {
      made[at] ??= expectAsShown(each);
      // What is wrong with a line above is said by its own test.
      await (at === last ? made[at] : made[at].catch(() => {}));
    }
  }

  it.each(own.map(({ line }, at) => [line, at] as const))('%s', async (_, at) => {
    await upTo(at);
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
