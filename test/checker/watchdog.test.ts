import { describe, expect, it } from 'vitest';
import { type CheckPlan, check, type Progress } from '../../checker/check.ts';
import { replayTrace } from '../../checker/replay.ts';
import { composeRules, type Rules } from '../../model/rules.ts';
import { everyCommandIsAnswered } from '../../properties/iommufd/every-command-is-answered.ts';
import { iovaSpaceDisjoint } from '../../properties/iommufd/iova-space-disjoint.ts';
import type { Property } from '../../properties/property.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { oneSmmu } from '../../workload/scopes/one-smmu.ts';

/** One of the rules of a map, so that only some runs come to it. */
function underRule(alignIova: Rules['iommufd']['alignIova'], properties: readonly Property[], runs = 60) {
  const rules: Rules = composeRules([{ rules: { iommufd: { alignIova } } }]);
  const found = new AbortController();
  const plan: CheckPlan = {
    scopes: [oneSmmu],
    properties,
    selection: { rules, design: {}, defects: [] },
    generate: generateCall,
    seed: 1,
    runs,
    steps: 60,
    timeLimit: 2_000,
  };
  // One is enough: a command that does not return takes its time.
  const onProgress = ({ violated }: Progress) => violated > 0 && found.abort();
  return check(plan, { signal: found.signal, onProgress });
}

const throws: Rules['iommufd']['alignIova'] = () => {
  throw new Error('a pointer\nto nothing');
};

const loops: Rules['iommufd']['alignIova'] = () => {
  for (;;);
};

describe('a step that', () => {
  it.each([
    ['throws', throws, /^ioas(Map|Copy) threw: a pointer to nothing$/],
    ['does not return', loops, /^ioas(Map|Copy) does not return$/],
  ])(
    '%s is a violation with its trace, which replays',
    async (_how, rule, words) => {
      const report = await underRule(rule, [everyCommandIsAnswered]);
      const [told] = report.properties;
      expect(told?.verdict).toBe('violated');
      const trace = told?.trace;
      if (trace == null) throw new Error('no trace');
      expect(trace.violation).toMatch(words);
      expect(trace.steps.at(-1)?.result).toEqual({ ok: false, errno: 'ENOTRECOVERABLE', out: {} });
      expect(trace.steps.length).toBeLessThanOrEqual(4);
      const setting = { scope: oneSmmu, rules: composeRules([{ rules: { iommufd: { alignIova: rule } } }]) };
      expect(replayTrace(trace, { ...setting, properties: [everyCommandIsAnswered] })).toBeNull();
    },
    60_000,
  );

  it('throws is told although only another property was asked for', async () => {
    const report = await underRule(throws, [iovaSpaceDisjoint]);
    expect(report.properties.map(({ property, verdict }) => [property.id, verdict])).toContainEqual([
      'every-command-is-answered',
      'violated',
    ]);
  }, 60_000);

  it('does not return leaves the time limit as it is', async () => {
    const started = performance.now();
    await underRule(loops, [everyCommandIsAnswered], 100_000);
    expect(performance.now() - started).toBeLessThan(45_000);
  }, 60_000);
});
