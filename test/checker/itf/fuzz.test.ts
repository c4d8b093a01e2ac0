import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { traceFromItf } from '../../../checker/itf/decode.ts';
import { toItf } from '../../../checker/itf/values.ts';
import { TraceError } from '../../../checker/trace/parse.ts';

/** Whether a text is read or refused with the one error that reading has. */
function isReadOrRefused(text: string): boolean {
  try {
    traceFromItf(text);
    return true;
  } catch (error) {
    return error instanceof TraceError && !error.message.includes('\n');
  }
}

const part = fc.oneof(
  fc.json().map((text) => JSON.parse(text) as unknown),
  fc.constantFrom<unknown>({ '#bigint': '9'.repeat(40) }, { '#bigint': 1 }, { tag: 'None' }, { '#tup': 1 }),
);

describe('an ITF file', () => {
  test.prop([fc.oneof(fc.string(), fc.json())])('of any text is refused with the one error', (text) => {
    expect(isReadOrRefused(text)).toBe(true);
  });

  test.prop([part, part, part, fc.constantFrom('boot', '__proto__', 'openIommufd', 'init')])(
    'with any value in a place is read or refused',
    (meta, call, answer, tag) => {
      const text = JSON.stringify({
        '#meta': { format: 'ITF', scope: meta, design: {}, defects: [], property: null, guarantee: null },
        vars: ['action', 'answer', 'world'],
        states: [{ action: { tag, value: call }, answer, world: call }],
      });
      expect(isReadOrRefused(text)).toBe(true);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  test.prop([fc.anything({ maxDepth: 3, withBigInt: true })])(
    'has every plain value, and no null in it',
    (value) => {
      try {
        expect(JSON.stringify(toItf(value)) ?? '').not.toMatch(/(?<!")null(?!")/);
      } catch (error) {
        // Functions and symbols are no plain values.
        expect((error as Error).message).toMatch(/is no plain value$/);
      }
    },
  );
});
