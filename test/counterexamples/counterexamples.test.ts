import { describe, expect, it } from 'vitest';
import { isOneMinimal } from '../../checker/one-minimal.ts';
import { showsViolation } from '../../checker/random/engine.ts';
import { renderMermaid } from '../../checker/render/mermaid.ts';
import { replayTrace } from '../../checker/replay.ts';
import { shorten } from '../../checker/shortest/shorten.ts';
import { composeRules, intended } from '../../model/rules.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { ALL_PROPERTIES, WISHES } from '../../properties/index.ts';
import { committedCounterexamples } from '../../tools/committed.ts';

/** The longest proofs take a minute each (npm run shortest); what these states suffice for is proved here. */
const FEW_STATES = 25;

const committed = await committedCounterexamples();

describe.each(committed.map((each) => [each.path, each] as const))('%s', (_path, each) => {
  const setting = { scope: each.scope, rules: each.rules, properties: ALL_PROPERTIES };
  const calls = each.trace.steps.map(({ result: _, ...call }) => call);

  it('replays step by step, to the same violation', () => {
    expect(replayTrace(each.trace, setting)).toBeNull();
  });

  it('is 1-minimal', () => {
    expect(isOneMinimal(each.trace, setting)).toBe(true);
  });

  it('says of its length no more than search proves, and that is as short as a small search can make it', async () => {
    const { guarantee, bound, design, defects } = each.trace;
    if (bound === undefined) throw new Error('npm run shortest has not looked at it');
    expect(guarantee).toBe(bound.depth >= calls.length - 1 ? 'shortest' : '1-minimal');
    const selection = { rules: each.rules, design, defects };
    const again = await shorten({ ...each, selection, calls }, FEW_STATES);
    expect(again.steps).toEqual(each.trace.steps);
    expect(again.bound?.alphabet).toBe(bound.alphabet);
    expect(again.bound?.depth ?? 0).toBeLessThanOrEqual(bound.depth);
  });

  it('shows no violation under the intended rules, unless it is of a wish that they do not grant', () => {
    const shows = showsViolation({ scope: each.scope, rules: intended }, each.property);
    if (WISHES.includes(each.property)) expect(each.property.brokenBy).toBe('intended');
    else expect(shows(calls)).toBeNull();
  });

  it('is of the override that the property names', () => {
    const { override } = each;
    const alone = showsViolation({ scope: each.scope, rules: composeRules([override]) }, each.property);
    expect(alone(calls)).toBe(calls.length);
  });
});

describe('the committed counterexamples', () => {
  it('are drawn with at most 15 arrows each, so that a diagram is read at the width of a page', () => {
    const drawn = committed.map(({ path, trace, scope, rules, property }) => {
      const lines = renderMermaid(trace, { scope, rules, property }).split('\n');
      return { path, arrows: lines.filter((line) => /^ *\w+-{1,2}(?:>>|x)/.test(line)).length };
    });
    expect(drawn.filter(({ arrows }) => arrows === 0 || arrows > 15)).toEqual([]);
  });

  it('have one for each deviation of Linux 7.2', () => {
    const shown = new Set(committed.map(({ override }) => override.name));
    expect(linux72.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('reach the failed replace in at most 9 commands', () => {
    const failed = committed.filter(({ path }) => path.includes('failed-replace-unreserves/re'));
    expect(failed.map(({ trace }) => trace.steps.length)).toEqual([9, 9]);
  });
});
