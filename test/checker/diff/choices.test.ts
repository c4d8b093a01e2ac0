import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../../checker/diff/choices.ts';
import { type Draw, oneIn, pick } from '../../../workload/generator/choice.ts';

const all = (make: (draw: Draw) => string, limit = 1000) => outcomesOf(make, (made) => made, limit);

describe('the outcomes of choices', () => {
  const cases: readonly [what: string, make: (draw: Draw) => string, all: readonly string[]][] = [
    ['one without a choice', () => 'a', ['a']],
    ['a choice among one', (draw) => pick(['a'], draw) + draw(1), ['a0']],
    ['two choices', (draw) => `${draw(2)}${draw(3)}`, ['00', '01', '02', '10', '11', '12']],
    ['choices that depend on choices', (draw) => (draw(2) === 0 ? 'a' : `b${draw(2)}`), ['a', 'b0', 'b1']],
    ['the same thing made in two ways', (draw) => 'aab'[draw(3)] as string, ['a', 'b']],
    [
      'a rare choice',
      (draw) => (oneIn(100, draw) ? 'rare' : `often${draw(2)}`),
      ['rare', 'often0', 'often1'],
    ],
  ];

  it.each(cases)('of %s are each found once', (_, make, expected) => {
    expect(all(make)).toEqual({ all: expected, complete: true });
  });

  it('are found without following every value of weighted choices', () => {
    const make = (draw: Draw) => [0, 0, 0, 0].map(() => (oneIn(50, draw) ? 'x' : '-')).join('');
    const { all: found, complete } = all(make, 20_000);
    expect([found.length, complete]).toEqual([16, true]);
  });

  it('are said not to be all where the limit ends it', () => {
    let made = 0;
    const { all: found, complete } = all((draw) => {
      made++;
      return `${draw(10)}${draw(10)}${draw(10)}`;
    }, 200);
    expect(complete).toBe(false);
    expect(made).toBeLessThanOrEqual(210);
    expect(found.slice(0, 3)).toEqual(['000', '001', '002']);
  });
});
