import { describe, expect, it } from 'vitest';
import { type Alphabet, callKey } from '../../../checker/diff/alphabet.ts';
import { outcomesOf } from '../../../checker/diff/choices.ts';
import { type DiffPlan, diff } from '../../../checker/diff/diff.ts';
import { composeRules } from '../../../model/rules.ts';
import { asIntended, generateTiny, other, tiny } from '../fakes.ts';

const alphabet: Alphabet = (scope, world, bindings) =>
  outcomesOf((draw) => generateTiny(scope, world, bindings, draw), callKey, 5000);

/** A kernel that never finds room for a mapping: it takes an open, an IOAS and a map to see it. */
const roomless = {
  rules: composeRules([
    {
      name: 'roomless',
      kind: 'mutant',
      summary: 'for a test',
      source: 'test',
      rules: { iommufd: { alignIova: () => null } },
    },
  ]),
  design: { kernel: 'roomless' },
  defects: [],
};

const plan: DiffPlan = {
  names: ['intended', 'roomless'],
  selections: [asIntended, roomless],
  scopes: [tiny],
  alphabet,
  generate: generateTiny,
  depth: null,
  pairs: 500,
  timeLimit: null,
  seed: 1,
  runs: 300,
  steps: 30,
};

const same: DiffPlan = { ...plan, selections: [asIntended, asIntended] };

const commandsOf = (report: Awaited<ReturnType<typeof diff>>) =>
  report.difference?.traces[0].steps.map(({ command }) => command);

describe('diff', () => {
  it('finds the shortest sequence that two designs answer differently', async () => {
    const report = await diff(plan);
    expect(report.verdict).toBe('differ');
    expect(commandsOf(report)).toEqual(['openIommufd', 'ioasAlloc', 'ioasMap']);
    expect(report.bound).toEqual({ depth: 2, complete: true, runs: 0 });
    const traces = report.difference?.traces ?? [];
    expect(traces.map(({ design }) => design)).toEqual([{ kernel: 'intended' }, { kernel: 'roomless' }]);
    expect(traces.map(({ guarantee }) => guarantee)).toEqual(['shortest', 'shortest']);
    expect(traces.map(({ steps }) => steps[2]?.result)).toMatchObject([
      { ok: true },
      { ok: false, errno: 'ENOSPC' },
    ]);
  });

  it('calls it shortest of its own commands alone where calls were left out of the search', async () => {
    const partly: Alphabet = (...args) => ({ ...alphabet(...args), complete: false });
    const report = await diff({ ...plan, alphabet: partly });
    expect(commandsOf(report)).toHaveLength(3);
    expect(report.difference?.traces[0]).toMatchObject({
      guarantee: 'shortest',
      bound: { depth: 2, alphabet: 'own' },
    });
    expect(report.bound.complete).toBe(false);
  });

  it('finds by random runs what the search does not come to, and shows that no shorter one of its commands does', async () => {
    const none: Alphabet = () => ({ all: [], complete: true });
    const report = await diff({ ...plan, alphabet: none });
    expect(commandsOf(report)).toEqual(['openIommufd', 'ioasAlloc', 'ioasMap']);
    expect(report.difference?.traces[0].bound).toEqual({ depth: 2, alphabet: 'own' });
    expect(report.bound.runs).toBeGreaterThan(0);
  });

  it('finds nothing below the depth of the difference, and says how deep it looked', async () => {
    const report = await diff({ ...plan, depth: 2 });
    expect(report).toMatchObject({
      verdict: 'same',
      difference: null,
      bound: { depth: 2, complete: true, runs: 0 },
    });
  });

  it.each([
    ['a depth', { ...same, depth: 2, scopes: [tiny, other] }, { depth: 2, runs: 0 }],
    ['pairs of worlds, then random runs', { ...same, pairs: 3, runs: 20 }, { depth: 2, runs: 20 }],
  ])('finds nothing between equal rules, up to %s', async (_, equal, bound) => {
    const report = await diff(equal);
    expect(report.verdict).toBe('same');
    expect(report.bound).toMatchObject(bound);
  });

  it('has no verdict where the time ends first', async () => {
    const report = await diff({ ...same, timeLimit: 60, runs: 10 ** 9 });
    expect(report.verdict).toBe('inconclusive');
  });

  it('has no verdict where it is interrupted', async () => {
    const report = await diff(same, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ verdict: 'inconclusive', bound: { depth: 0, complete: false, runs: 0 } });
  });

  it('gives the same report for the same plan', async () => {
    expect(await diff(plan)).toEqual(await diff(plan));
  });
});
