import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { clip, WIDTH, wrap } from '../../../checker/render/layout.ts';

const line = fc
  .array(fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 130 }), fc.constant('')), {
    maxLength: 60,
  })
  .map((words) => words.join(' '));

const indent = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.constantFrom(0, 39, 40, 60, 61, 99, 100, 101, 1e9),
);

describe('a line that is laid out', () => {
  test.prop([line, indent], { numRuns: 2000 })('ends, and keeps every word in its order', (text, columns) => {
    const words = (some: string): readonly string[] => some.split(' ').filter((word) => word !== '');
    expect(wrap(text, columns).flatMap(words)).toEqual(words(text));
  });

  test.prop([line, indent], { numRuns: 2000 })(
    'is wider than a line only where a word is too wide for what the margin leaves',
    (text, columns) => {
      for (const each of wrap(text, columns).filter(({ length }) => length > WIDTH))
        expect(Math.max(...each.split(' ').map(({ length }) => length))).toBeGreaterThan(WIDTH - 61);
    },
  );

  it('takes a time proportional to its length', () => {
    const started = performance.now();
    expect(wrap('ab '.repeat(1_000_000), 99).length).toBeGreaterThan(10_000);
    expect(wrap(`${' '.repeat(1_000_000)}x`, 4).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test.prop([fc.string({ unit: 'binary' })])('is cut at the width of a line', (text) => {
    expect(clip(text).length).toBeLessThanOrEqual(WIDTH);
  });
});
