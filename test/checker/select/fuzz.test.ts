import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { selectGlobs } from '../../../checker/select/by-name.ts';
import { selectRules } from '../../../checker/select/rules.ts';
import { UsageError } from '../../../checker/select/usage-error.ts';
import { nestcheck } from '../../cli/terminal.ts';

const word = fc.oneof(
  fc.constantFrom(
    'vsmmu',
    'kernel',
    'inherit',
    'linux-7.2',
    '=',
    ',',
    '__proto__',
    'constructor',
    'toString',
    '*',
  ),
  fc.string({ maxLength: 6 }),
);
/** What stands where a selector does: no module of anybody, which would be code. */
const selector = fc
  .array(word, { maxLength: 6 })
  .map((words) => words.join(''))
  .filter((text) => !/^(?:\.{1,2}\/|\/)|\.[cm]?[jt]s$/.test(text));

async function isSelectedOrRefused(select: () => unknown): Promise<boolean> {
  try {
    await select();
    return true;
  } catch (error) {
    return error instanceof UsageError && !error.message.includes('\n');
  }
}

describe('selectors', () => {
  test.prop([fc.array(selector, { maxLength: 3 }), fc.array(selector, { maxLength: 2 })])(
    'of designs and defects are taken or refused in one line',
    async (designs, defects) => {
      expect(await isSelectedOrRefused(() => selectRules(designs, defects))).toBe(true);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  test.prop([fc.array(fc.constantFrom('*', 'a', 'b-', '**'), { maxLength: 40 })])(
    'with any number of stars are decided at once',
    (pieces) => {
      const names = ['a'.repeat(200), 'b-a'.repeat(60)];
      expect(() => selectGlobs('name', names, (each) => each, [pieces.join('')])).toSatisfy(
        (select: () => void) => {
          try {
            select();
            return true;
          } catch (error) {
            return error instanceof UsageError;
          }
        },
      );
    },
  );

  test.prop([fc.constantFrom('list', 'check', 'replay', 'conform'), fc.array(selector, { maxLength: 3 })], {
    numRuns: 60,
  })('and any other words end with a documented status', async (command, words) => {
    const argv = command === 'check' ? ['--runs', '1', '--steps', '1', '--design', ...words] : words;
    const { code, stderr } = await nestcheck([command, ...argv]);
    expect([0, 1, 2, 3]).toContain(code);
    if (code === 2) expect(stderr.trimEnd()).not.toContain('\n');
  });
});
