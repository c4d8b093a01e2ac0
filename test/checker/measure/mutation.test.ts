import { describe, expect, it } from 'vitest';
import { killerOf, mutations, unmutated } from '../../../checker/measure/mutation.ts';
import { DECISION_POINTS } from '../../../model/decision-points.ts';
import { SURVIVING } from '../../../overrides/survivors.ts';
import { readMutationData } from '../../../tools/data.ts';

const { mutations: found } = await readMutationData();

/** Every fifth of those that fall at once: enough to see that mutants still die. */
const SAMPLE = found.filter(({ run }) => run !== null && run <= 4).filter((_, at) => at % 5 === 0);

describe('mutations', () => {
  it('are of decision points, each once', () => {
    const points = mutations().map(({ point }) => point);
    expect(new Set(points).size).toBe(points.length);
    expect(points.length + unmutated().length).toBe(DECISION_POINTS.length);
  });

  it('that survive are explained, and no others', () => {
    const survivors = found.filter(({ killedBy, recording }) => killedBy === null && recording === null);
    expect(survivors.map(({ point }) => point).sort()).toEqual([...SURVIVING].sort());
    expect(found.map(({ point }) => point).sort()).toEqual(
      mutations()
        .map(({ point }) => point)
        .sort(),
    );
  });

  it.each(SAMPLE.map(({ point }) => [point] as const))('%s: a mutant of it dies', (point) => {
    const mutation = mutations().find((each) => each.point === point);
    expect(mutation === undefined ? null : killerOf(mutation, 120)).not.toBeNull();
  });
});
