import { describe, expect, it } from 'vitest';
import { holes } from '../../../model/iommufd/interval.ts';

describe('holes', () => {
  it.each([
    ['before, between and behind', [3n, 4n, 7n, 8n], 1n, 9n, [1n, 2n, 5n, 6n, 9n, 9n]],
    ['none behind one that reaches the end', [3n, 9n], 1n, 9n, [1n, 2n]],
    ['none where the last byte of one is the first that counts', [1n, 5n], 5n, 6n, [6n, 6n]],
    ['all of it where one ends just before', [1n, 4n], 5n, 6n, [5n, 6n]],
    ['all of it where one begins just behind', [7n, 8n], 5n, 6n, [5n, 6n]],
  ])('%s', (_what, ends, start, last, expected) => {
    const intervals = [];
    for (let at = 0; at < ends.length; at += 2)
      intervals.push({ start: ends[at] as bigint, last: ends[at + 1] as bigint });
    expect(holes(intervals, start, last).flatMap((hole) => [hole.start, hole.last])).toEqual(expected);
  });
});
