import { describe, expect, it } from 'vitest';
import { type CodeMutation, isKilled, type Trial } from '../../../checker/measure/code-mutation.ts';
import { CODE_SURVIVORS } from '../../../checker/measure/code-survivors.ts';
import { codeMutationSection, nameOf } from '../../../checker/pages/code-mutation.ts';
import { readCodeMutation } from '../../../tools/data.ts';

const found = await readCodeMutation();

const survives = (trial: Trial): boolean => !isKilled(trial);

describe('mutants of the source text', () => {
  it.skipIf(found === null)('that are explained survive', () => {
    const survivors = new Set((found?.trials ?? []).filter(survives).map(nameOf));
    expect(Object.keys(CODE_SURVIVORS).filter((name) => !survivors.has(name))).toEqual([]);
  });

  it('are explained in a sentence', () => {
    for (const [name, why] of Object.entries(CODE_SURVIVORS))
      expect(typeof why === 'string' ? why : why.equivalent, name).toMatch(/^\w.*\.$/);
  });
});

describe('the page', () => {
  const trial = (file: string, original: string, killedBy: string | null): Trial => ({
    file,
    line: 3,
    mutator: 'ConditionalExpression',
    original,
    replacement: 'true',
    reached: { byRuns: true, byDesigns: false, byRecordings: false, byCounterexamples: false },
    killedBy,
    under: null,
    unseen: null,
    recording: null,
    counterexample: null,
  });
  const data: CodeMutation = {
    seed: 1,
    runs: 10,
    otherRuns: 3,
    most: { runs: 5, otherRuns: 1, replays: 500, counterexamples: 5 },
    texts: {},
    folders: { 'model/smmu': { of: 9, drawn: 3 } },
    trials: [
      trial('model/smmu/a.ts', 'a || b', null),
      trial('model/smmu/a.ts', 'c', null),
      trial('model/smmu/b.ts', 'd', 'step'),
    ],
  };
  const page = codeMutationSection(data, {
    'model/smmu/a.ts: a ¦¦ b -> true': { equivalent: 'changes only cost.' },
  });
  const rows = page.split('\n').filter((line) => line.startsWith('| `model/smmu/'));

  it('lists what survives and why, and says so where nobody knows', () => {
    expect(rows.map((row) => row.split('|').map((cell) => cell.trim()))).toEqual([
      ['', '`model/smmu/a.ts:3`', '`a ¦¦ b` → `true`', 'runs', 'equivalent: changes only cost.', ''],
      ['', '`model/smmu/a.ts:3`', '`c` → `true`', 'runs', 'not explained', ''],
    ]);
  });

  it('says what is killed of all, and of those that are not equivalent', () => {
    expect(page).toContain('**Killed: 1 of 3 (33 %)');
    expect(page).toContain('**1 of 2 (50 %)');
    const all = page.split('\n').find((line) => line.startsWith('| all |')) ?? '';
    expect(
      all
        .split('|')
        .map((cell) => cell.trim())
        .slice(-5, -1),
    ).toEqual(['0', '33 %', '1', '50 %']);
  });
});
