import { describe, expect, it } from 'vitest';
import { check, Execution, recordTrace, renderText, replayTrace, selectRules } from '../../index.ts';
import { intended } from '../../model/rules.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { tiny } from './fakes.ts';

/** What JavaScript lets one pass. */
function forgotten<T>(promise: Promise<unknown>): T {
  return promise as T;
}

const selection = (): never => forgotten(selectRules([], []));

describe('what was not awaited', () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    [
      'a run',
      () =>
        new Execution(
          { scope: tiny, rules: selection() },
          { state: [], step: [], reachability: [], pair: [] },
        ),
    ],
    [
      'a run of what a selection has',
      () =>
        new Execution(
          { scope: tiny, rules: (selection() as { rules: never }).rules },
          { state: [], step: [], reachability: [], pair: [] },
        ),
    ],
    ['a recording', () => recordTrace(tiny, selection(), [], null)],
    [
      'a replay',
      () => replayTrace(forgotten(Promise.resolve({})), { scope: tiny, rules: intended, properties: [] }),
    ],
    [
      'a drawing',
      () => renderText(forgotten(Promise.resolve({})), { scope: tiny, rules: intended, property: null }),
    ],
  ];

  it.each(cases)('is named by %s', (_, make) => {
    expect(make).toThrow(
      /^expected .*(?:await (?:selectRules|readTraceFile)|was selectRules\(…\) awaited\?)/,
    );
  });

  it('is named by a check', async () => {
    const amount = { seed: 1, runs: 1, steps: 1, timeLimit: null };
    const plan = {
      scopes: [tiny],
      properties: [],
      selection: selection(),
      generate: generateCall,
      ...amount,
    };
    await expect(check(plan)).rejects.toThrow(
      'expected a selection of rules, got a promise: await selectRules(…)',
    );
  });
});
