import { describe, expect, it } from 'vitest';
import { check } from '../../checker/check.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { TOPICS } from '../../spec/decisions/index.ts';
import { planOf } from '../../tools/topics.ts';
import { readVerdicts } from '../../tools/verdicts.ts';
import { generateCall } from '../../workload/generator/generate.ts';

/** A small part of what `npm run verdicts` does: what it cannot miss is a property that broke altogether. */
const RUNS = 24;

const { topics } = await readVerdicts();
const cases = TOPICS.flatMap((topic) => {
  const plan = planOf(topic);
  const known = topics.find((each) => each.topic === topic.name);
  return plan.designs.map((design) => [design, plan, known?.designs[design]] as const);
});

describe('the committed verdicts', () => {
  it.each(cases)('are those of %s (npm run verdicts)', async (design, { scopes, properties }, verdicts) => {
    const names = properties.map(({ id }) => id);
    expect(Object.keys(verdicts ?? {}).sort()).toEqual([...names].sort());
    const report = await check({
      scopes,
      // A violation is shown by its committed trace, which other tests replay.
      properties: properties.filter(({ id }) => verdicts?.[id] !== 'violated'),
      selection: await selectRules(design === '' ? [] : [design], []),
      generate: generateCall,
      // Other runs than those from which the verdicts are.
      seed: 2,
      runs: RUNS,
      steps: 60,
      timeLimit: null,
    });
    expect(report.properties.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    const witnessed = report.properties
      .filter(({ scope }) => scope !== null)
      .map(({ property }) => property.id);
    expect(witnessed.filter((id) => verdicts?.[id] === 'vacuous')).toEqual([]);
  });
});
