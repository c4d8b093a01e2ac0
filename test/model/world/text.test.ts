import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { decodeState, encodeState, whyNotCanonical } from '../../../model/world/text.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

describe('state as text', () => {
  it.each(SCOPES.map(({ name, platform }) => [name, platform] as const))(
    'is read back: %s',
    (_, platform) => {
      const world = bootWorld(platform);
      expect(whyNotCanonical(world)).toBeNull();
      expect(decodeState(encodeState(world))).toEqual(world);
    },
  );

  it('is the same for equal states, whatever order their names were given in', () => {
    expect(encodeState({ a: 1, b: { d: 2n, c: null } })).toBe(encodeState({ b: { c: null, d: 2n }, a: 1 }));
    expect(encodeState({ a: 1 })).not.toBe(encodeState({ a: 1n }));
  });

  it.each<[why: string, state: unknown]>([
    ['.a[1] is -0', { a: [0, -0] }],
    ['[0][1] is -0', [[0, -0]]],
    ['[0].a is -0', [{ a: -0 }]],
    ['.a.b is undefined', { a: { b: undefined } }],
    ['[0] is NaN, which is no exact integer', [Number.NaN]],
    ['[0] is 9007199254740992, which is no exact integer', [2 ** 53]],
    ['.a is -1, which has not 64 bits', { a: -1n }],
    ['.a is no plain record', { a: new Map() }],
    ['.a is function', { a: () => 1 }],
    ['[1] is a hole', Object.assign([1], { 2: 2 })],
    ['.# is no name of state', { '#': 1 }],
  ])('is not canonical where it %s', (why, state) => {
    expect(whyNotCanonical(state)).toBe(why);
  });
});
