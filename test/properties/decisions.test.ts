import { describe, expect, it } from 'vitest';
import { resolveDesign } from '../../overrides/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { DECISIONS } from '../../spec/decisions/index.ts';

describe('decision records', () => {
  it('are D-1 to D-18 and D-47 to D-53', () => {
    const numbers = [...Array.from({ length: 18 }, (_, at) => at + 1), 47, 48, 49, 50, 51, 52, 53];
    expect(DECISIONS.map(({ id }) => id)).toEqual(numbers.map((number) => `D-${number}`));
  });

  it('name properties that there are', () => {
    const known = new Set(PROPERTIES.map(({ id }) => id));
    expect(DECISIONS.flatMap(({ properties }) => properties.filter((id) => !known.has(id)))).toEqual([]);
  });

  it('name designs that there are', () => {
    const unknown = DECISIONS.flatMap(({ designs }) =>
      designs.filter((design) => 'error' in resolveDesign([design])),
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
