import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { traceFromItf } from '../../../checker/itf/decode.ts';
import { traceToItf } from '../../../checker/itf/encode.ts';
import { replayTrace } from '../../../checker/replay.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import { committedCounterexamples } from '../../../tools/committed.ts';

/** An expression as ADR-015 defines it: no null, no bare number. */
const expression: z.ZodType = z.lazy(() =>
  z.union([
    z.boolean(),
    z.string(),
    z.array(expression),
    z.strictObject({ '#bigint': z.string().regex(/^-?[0-9]+$/) }),
    z.strictObject({ '#tup': z.array(expression) }),
    z.record(z.string().regex(/^[^#]/), expression),
  ]),
);

const schema = z.strictObject({
  '#meta': z.looseObject({ format: z.literal('ITF'), 'format-description': z.url() }),
  params: z.array(z.string()),
  vars: z.array(z.string()).min(1),
  states: z.array(z.object({ '#meta': z.object({ index: z.int() }) }).catchall(expression)).min(1),
});

const committed = await committedCounterexamples();

describe.each(committed.map((each) => [each.path, each] as const))('%s in ITF', (_path, each) => {
  const itf = traceToItf(each.trace, each);
  const text = JSON.stringify(itf);

  it('is what the format says: every state has every variable', () => {
    const { vars, states } = schema.parse(JSON.parse(text));
    expect(states).toHaveLength(each.trace.steps.length + 1);
    for (const [index, state] of states.entries()) {
      expect(Object.keys(state).sort()).toEqual(['#meta', ...vars].sort());
      expect(state['#meta'].index).toBe(index);
    }
  });

  it('is the same trace when it is read again', () => {
    const again = traceFromItf(text);
    const calls = (trace: typeof again) => trace.steps.map(({ result: _, ...call }) => call);
    expect(calls(again)).toEqual(calls(each.trace));
    expect({ ...again, steps: [] }).toEqual({ ...each.trace, steps: [] });
    expect(replayTrace(again, { ...each, properties: ALL_PROPERTIES })).toBeNull();
  });
});
