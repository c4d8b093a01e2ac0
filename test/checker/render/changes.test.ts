import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { changes, pathText, valueText } from '../../../checker/render/changes.ts';
import { clip, WIDTH, wrap } from '../../../checker/render/layout.ts';

describe('the changes between two values', () => {
  const cases: readonly [
    before: unknown,
    after: unknown,
    changes: readonly (readonly [string, unknown, unknown])[],
  ][] = [
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, [['b', 2, 3]]],
    [{ a: { b: 1n } }, { a: { b: 2n } }, [['a.b', 1n, 2n]]],
    [[1, 2], [1, 2, 3], [['', [1, 2], [1, 2, 3]]]],
    [{ l: [{ x: 1 }] }, { l: [{ x: 1 }, { x: 2 }] }, [['l[1]', undefined, { x: 2 }]]],
    [{ l: [null] }, { l: [{ x: 2 }] }, [['l[0]', null, { x: 2 }]]],
    [
      { o: { type: 'a', x: 1 } },
      { o: { type: 'b', x: 1 } },
      [['o', { type: 'a', x: 1 }, { type: 'b', x: 1 }]],
    ],
    [{ a: { list: [] } }, { a: { list: [] } }, []],
    [{ 'vmm:vm0': 1 }, { 'vmm:vm0': 2 }, [['vmm:vm0', 1, 2]]],
  ];

  it.each(cases)('are their differing leaves: %#', (before, after, expected) => {
    const found = changes(before, after).map(({ path, ...rest }) => [
      pathText(path),
      rest.before,
      rest.after,
    ]);
    expect(found).toEqual(expected);
  });

  it('does not look into what both share', () => {
    const shared = new Proxy({}, { ownKeys: () => expect.unreachable() });
    expect(changes({ shared, a: 1 }, { shared, a: 2 })).toHaveLength(1);
  });

  test.prop([fc.jsonValue()])('are none between a value and itself', (value) => {
    expect(
      changes(value, structuredClone(value)).filter(
        ({ before, after }) => JSON.stringify(before) !== JSON.stringify(after),
      ),
    ).toEqual([]);
  });
});

describe('a value in one line', () => {
  it('has 64-bit values in hexadecimal and nothing of what is empty', () => {
    const value = { type: 'ioas', at: 4096n, list: [1, 2], none: null, off: false, empty: [], zero: 0 };
    expect(valueText(value)).toBe('{type: ioas, at: 0x1000, list: [1, 2], zero: 0}');
  });
});

describe('a line', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 }), {
    minLength: 1,
    maxLength: 30,
  });

  test.prop([words, fc.nat(20)])('is broken at spaces and loses nothing', (given, indent) => {
    const lines = wrap(given.join(' '), indent);
    expect(lines.join(' ').split(/ +/)).toEqual(given);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
  });

  it('keeps a word whole that is wider than a line', () => {
    const long = 'x'.repeat(WIDTH + 5);
    expect(wrap(`a ${long} b`, 2)).toEqual([`a ${long}`, '  b']);
  });

  it('is clipped to the width', () => {
    expect(clip('x'.repeat(WIDTH + 1))).toHaveLength(WIDTH);
  });
});
