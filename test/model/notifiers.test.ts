import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../model/boot.ts';
import { resolveCall } from '../../model/call.ts';
import { alignedSpans } from '../../model/notifiers/spans.ts';
import { composeRules, intended, type Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import { OVERRIDES } from '../../overrides/index.ts';
import { flushRepeatsWhatItNames } from '../../properties/notifiers/flush-repeats-what-it-names.ts';
import { notifiers } from '../../workload/scopes/notifiers.ts';

type Does = readonly ['repeatedMap' | 'repeatedUnmap' | 'repeatedFlush', Readonly<Record<string, number>>];

/** What the host maps after what a guest does, and what the last step violates. */
function stateAfter(does: readonly Does[], rules: Rules = intended) {
  let world = bootWorld(notifiers.platform);
  let violation: string | null = null;
  let answer = '';
  for (const [command, args] of does) {
    const before = world;
    const resolved = resolveCall({ actor: 'guest:vm0', command, args }, {});
    const taken = step(before, resolved, rules);
    world = taken.world;
    answer = taken.result.ok ? 'ok' : taken.result.errno;
    violation = flushRepeatsWhatItNames.violated({ before, command: resolved, ...taken });
  }
  return { host: world.repeated?.host, violation, answer };
}

describe('a range in aligned spans', () => {
  it.each([
    [0, 0],
    [0, 28],
    [31, 58],
    [5, 6],
    [7, 64],
  ])('from %i to %i covers it and nothing else', (first, last) => {
    const spans = alignedSpans({ first, last });
    let next = first;
    for (const span of spans) {
      const size = span.last - span.first + 1;
      expect(span.first).toBe(next);
      expect(size & (size - 1)).toBe(0);
      expect(span.first % size).toBe(0);
      next = span.last + 1;
    }
    expect(next).toBe(last + 1);
  });
});

const BOTH: readonly Does[] = [
  ['repeatedMap', { first: 2, pages: 2, to: 100 }],
  ['repeatedMap', { first: 40, pages: 1, to: 200 }],
  ['repeatedFlush', {}],
];

describe("a guest's mappings on the host", () => {
  it('are there once they are flushed, each in the range of its notifier', () => {
    expect(stateAfter(BOTH.slice(0, 2)).host).toEqual({});
    expect(stateAfter(BOTH)).toEqual({ host: { 2: 100, 3: 101, 40: 200 }, violation: null, answer: 'ok' });
  });

  it('stay where a flush of pages names others', () => {
    const unmapped: readonly Does[] = [...BOTH, ['repeatedUnmap', { first: 2, pages: 2 }]];
    expect(stateAfter([...unmapped, ['repeatedFlush', { first: 3, pages: 4 }]]).host).toEqual({
      2: 100,
      40: 200,
    });
    expect(stateAfter([...unmapped, ['repeatedFlush', {}]]).host).toEqual({ 40: 200 });
  });

  it('are not repeated where no notifier is', () => {
    const hole: Does = ['repeatedMap', { first: 29, pages: 2, to: 7 }];
    expect(stateAfter([hole, ['repeatedFlush', {}]]).host).toEqual({});
    expect(stateAfter([hole, ['repeatedFlush', { first: 28, pages: 4 }]]).host).toEqual({});
    expect(stateAfter([['repeatedMap', { first: 63, pages: 2, to: 7 }]]).answer).toBe('EINVAL');
  });

  it('go where another range is emptied in one span', () => {
    const rules = composeRules(OVERRIDES.filter(({ name }) => name === 'emptied-range-rounded-up'));
    expect(stateAfter(BOTH, rules).violation).toBe(
      'page 2 leads to nothing on the host, and not to page 100',
    );
  });
});
