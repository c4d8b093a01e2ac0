import { describe, expect, it } from 'vitest';
import { isOneMinimal } from '../../checker/one-minimal.ts';
import { recordTrace } from '../../checker/record.ts';
import { type ReplaySetting, replayTrace } from '../../checker/replay.ts';
import { resultText } from '../../checker/result-text.ts';
import type { Trace, TraceStep } from '../../checker/trace/trace.ts';
import { intended } from '../../model/rules.ts';
import { alloc, asIntended, atMostTwoIoases, map, noFlags, open, poll, tiny } from './fakes.ts';

const setting: ReplaySetting = { scope: tiny, rules: intended, properties: [atMostTwoIoases, noFlags] };

const violating = recordTrace(tiny, asIntended, [open('f'), alloc('f', 'a', { flags: 1 })], {
  property: noFlags,
  guarantee: '1-minimal',
});
const harmless = recordTrace(
  tiny,
  asIntended,
  [open('f'), alloc('f', 'a'), map('f', 'a', { length: 1n })],
  null,
);

/** A trace whose step at an index says something else. */
function withStep(trace: Trace, index: number, change: Partial<TraceStep>): Trace {
  return { ...trace, steps: trace.steps.map((step, at) => (at === index ? { ...step, ...change } : step)) };
}

describe('a replay', () => {
  it('finds nothing to say of a trace that the model still answers as recorded', () => {
    expect(replayTrace(violating, setting)).toBeNull();
    expect(replayTrace(harmless, setting)).toBeNull();
  });

  it('takes numbers and 64-bit values for equal where their values are', () => {
    const wide = withStep(violating, 0, { result: { ok: true, out: { fd: 3n } } });
    expect(replayTrace(wide, setting)).toBeNull();
  });

  const cases: readonly [string, Trace, ReturnType<typeof replayTrace>][] = [
    [
      'another output',
      withStep(violating, 0, { result: { ok: true, out: { fd: 4 } } }),
      { step: 1, expected: 'ok fd=4', actual: 'ok fd=3' },
    ],
    [
      'an output that is not there',
      withStep(violating, 0, { result: { ok: true, out: {} } }),
      { step: 1, expected: 'ok', actual: 'ok fd=3' },
    ],
    [
      'another errno',
      withStep(violating, 1, { result: { ok: false, errno: 'EINVAL', out: {} } }),
      { step: 2, expected: 'EINVAL', actual: 'EOPNOTSUPP' },
    ],
    [
      'success where the model refuses',
      withStep(violating, 1, { result: { ok: true, out: { outIoasId: 1 } } }),
      { step: 2, expected: 'ok outIoasId=1', actual: 'EOPNOTSUPP' },
    ],
    [
      'a violation that no longer occurs',
      { ...violating, property: 'at-most-two-ioases', violation: 'there are 3 IOASes' },
      { step: null, expected: 'at-most-two-ioases is violated: there are 3 IOASes', actual: 'it holds' },
    ],
    [
      'a violation in other words',
      { ...violating, violation: 'a flag' },
      { step: null, expected: 'no-flags is violated: a flag', actual: 'a flag was refused' },
    ],
    [
      'a violation before the last step',
      recordTrace(tiny, asIntended, [open('f'), alloc('f', 'a', { flags: 1 }), poll], {
        property: noFlags,
        guarantee: null,
      }),
      { step: 2, expected: 'no-flags holds until the last step', actual: 'it is violated' },
    ],
    [
      'a violation in a trace that shows none',
      { ...violating, property: null, violation: null },
      { step: 2, expected: 'no property is violated', actual: 'no-flags is violated: a flag was refused' },
    ],
  ];

  it.each(cases)('names %s', (_, trace, drift) => {
    expect(replayTrace(trace, setting)).toEqual(drift);
  });

  it('refuses a trace of a property that there is not', () => {
    expect(() => replayTrace({ ...violating, property: 'unheard-of' }, setting)).toThrow(
      "no property 'unheard-of'",
    );
  });
});

describe('a recorded trace', () => {
  it('is refused where its calls do not violate the property', () => {
    const showing = { property: noFlags, guarantee: null };
    expect(() => recordTrace(tiny, asIntended, [open('f')], showing)).toThrow('do not violate no-flags');
  });

  it('says of itself whether it is 1-minimal', () => {
    expect(isOneMinimal(violating, setting)).toBe(true);
    expect(
      isOneMinimal({ ...violating, steps: [violating.steps[0] as TraceStep, ...violating.steps] }, setting),
    ).toBe(false);
    expect(isOneMinimal(harmless, setting)).toBe(false);
  });
});

describe('a result in words', () => {
  it('has its fields by name', () => {
    expect(resultText({ ok: true, out: { b: 2, a: 16n, w: [1n, 255n] } })).toBe('ok a=0x10 b=2 w=0x1,0xff');
    expect(resultText({ ok: false, errno: 'EIO', out: { entryNum: 1 } })).toBe('EIO entryNum=1');
  });
});
