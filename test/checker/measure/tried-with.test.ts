import { describe, expect, it } from 'vitest';
import type { Trial } from '../../../checker/measure/code-mutation.ts';
import { isAsked, optionsOf } from '../../../tools/mutation/options.ts';
import type { Reach } from '../../../tools/mutation/plan.ts';
import { isReached, specOf } from '../../../tools/mutation/reaching.ts';

const runs = Array.from({ length: 10 }, (_, nth) => ['tiny', nth] as const);
const replayed = [
  { file: 'slow.jsonl.gz', copy: null, design: '', digest: 'a', takes: 90 },
  { file: 'quick.jsonl.gz', copy: null, design: '', digest: 'b', takes: 10 },
];

const reach: Reach = {
  properties: ['some-property'],
  designs: { '': { runs, violated: [] }, 'smmu=qemu-11': { runs, violated: ['x'] } },
  seen: { everywhere: [0, 1, 2, 3, 4, 5], there: [1, 2, 3, 4, 5], seldom: [2, 3] },
  replayed,
  counterexamples: ['a.json', 'b.json'],
  mutants: {
    some: { designs: { '': [1, 2, 3, 4, 5] }, replayed: [0, 1], counterexamples: [1] },
    first: { designs: { '': [0] }, replayed: [], counterexamples: [] },
  },
  loaded: ['always'],
};

const MOST = { runs: 3, otherRuns: 1, replays: 50, counterexamples: 5 };

describe('a mutant is tried with', () => {
  it('what gets to it, from all over that, and the quickest recordings', () => {
    const spec = specOf('/', reach, 'some', MOST);
    expect(spec.designs).toEqual({
      '': {
        runs: [
          ['tiny', 1],
          ['tiny', 2],
          ['tiny', 4],
        ],
        violated: [],
      },
    });
    expect(spec.replayed.map(({ file }) => file)).toEqual(['quick.jsonl.gz']);
    expect(spec.counterexamples).toEqual(['b.json']);
    expect(isReached(spec)).toEqual({
      byRuns: true,
      byDesigns: false,
      byRecordings: true,
      byCounterexamples: true,
    });
  });

  it('what only those runs have seen, and several of them', () => {
    expect(Object.keys(specOf('/', reach, 'some', MOST).seen)).toEqual(['there']);
  });

  it.each(['always', 'first'])('everything, where it runs once for all others (%s)', (id) => {
    const spec = specOf('/', reach, id, { ...MOST, replays: 100 });
    expect(Object.keys(spec.designs)).toEqual(['', 'smmu=qemu-11']);
    expect(spec.replayed).toHaveLength(2);
    expect(spec.counterexamples).toHaveLength(2);
  });

  it('nothing, where nothing gets to it', () => {
    expect(Object.values(isReached(specOf('/', reach, 'other', MOST)))).not.toContain(true);
  });
});

describe('what is tried', () => {
  const trial = (killedBy: string | null): Trial => ({
    file: 'model/a/b.ts',
    line: 1,
    mutator: 'BooleanLiteral',
    original: 'true',
    replacement: 'false',
    reached: { byRuns: true, byDesigns: false, byRecordings: false, byCounterexamples: false },
    killedBy,
    under: null,
    unseen: null,
    recording: null,
    counterexample: null,
  });
  const asked = (args: readonly string[], before: Trial | undefined): boolean =>
    isAsked(optionsOf(args), 'model/a/b.ts', before);

  it('is what nobody tried, unless more is asked for', () => {
    expect(asked([], undefined)).toBe(true);
    expect(asked([], trial(null))).toBe(false);
    expect(asked(['--again'], trial('x'))).toBe(true);
    expect(asked(['--only', 'survivors'], trial(null))).toBe(true);
    expect(asked(['--only', 'survivors'], trial('x'))).toBe(false);
    const recorded = { ...trial(null), recording: 'a.jsonl' };
    expect(asked(['--only', 'survivors'], recorded)).toBe(false);
    expect(asked(['--only', 'unexplained'], trial(null))).toBe(true);
    expect(asked(['--only', 'recorded'], recorded)).toBe(true);
    expect(asked(['--only', 'recorded'], trial('x'))).toBe(false);
    expect(asked(['--only', 'recorded'], trial(null))).toBe(false);
    expect(asked(['--file', 'model/a/*'], trial('x'))).toBe(true);
    expect(asked(['--file', 'model/c/*'], undefined)).toBe(false);
  });

  it.each([
    [['--only', 'others'], '--only others: expected survivors or unexplained or recorded'],
    [['--runs', 'many'], '--runs many: expected a number'],
  ])('is refused as %j', (args, message) => {
    expect(() => optionsOf(args)).toThrow(message);
  });
});
