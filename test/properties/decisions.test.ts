import { describe, expect, it } from 'vitest';
import { designsOf } from '../../checker/pages/decisions/evidence.ts';
import { resolveDesign } from '../../overrides/index.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import { DECISIONS, TOPICS } from '../../spec/decisions/index.ts';
import { scopeByName } from '../../workload/scopes/index.ts';

describe('decision records', () => {
  it('have each its number', () => {
    const numbers = DECISIONS.map(({ id }) => Number(/^D-([1-9][0-9]?)$/.exec(id)?.[1]));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('name properties that there are', () => {
    const known = new Set(ALL_PROPERTIES.map(({ id }) => id));
    expect(DECISIONS.flatMap(({ properties }) => properties.filter((id) => !known.has(id)))).toEqual([]);
  });

  it('name scopes that there are', () => {
    const unknown = TOPICS.flatMap(({ scopes = [] }) =>
      scopes.filter((name) => scopeByName(name) === undefined),
    );
    expect(unknown).toEqual([]);
  });

  it('name designs that there are', () => {
    const unknown = DECISIONS.flatMap((record) =>
      designsOf(record).filter((design) => design !== '' && 'error' in resolveDesign([design])),
    );
    expect(unknown).toEqual([]);
  });

  it.each(DECISIONS.map((record) => [record.id, record] as const))(
    '%s is a question with alternatives and an answer',
    (_, { question, alternatives, built, properties }) => {
      expect(question).toMatch(/\?$/);
      expect(alternatives.length).toBeGreaterThan(1);
      expect(built).toMatch(/\.$/);
      expect(properties.length).toBeGreaterThan(0);
    },
  );
});
