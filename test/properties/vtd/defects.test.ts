import { describe, expect, it } from 'vitest';
import { minimise } from '../../../checker/minimise.ts';
import { Monitor } from '../../../checker/monitor.ts';
import { counterexample, explore, type Source, showsViolation } from '../../../checker/random/engine.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { watchOf } from '../../../checker/watch.ts';
import { composeRules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { generateCall } from '../../../properties/generator/generate.ts';
import type { Property } from '../../../properties/property.ts';
import { vtd } from '../../../properties/scopes/vtd.ts';
import { VTD_PROPERTIES } from '../../../properties/vtd.ts';

const STEPS = 60;

/** Eight commands or so bring a guest's table behind a device; the rest is the bug. */
const LONGEST = 14;

function sourceUnder(name: string): Source {
  const override = OVERRIDES.find((each) => each.name === name);
  if (override === undefined) throw new Error(`there is no override ${name}`);
  return { setting: { scope: vtd, rules: composeRules([override]) }, generate: generateCall, steps: STEPS };
}

/** The first run that violates the property, as its seed. */
function firstSeed(source: Source, property: Property, runs: number): number | null {
  const monitor = new Monitor([property]);
  for (let run = 0; run < runs; run++) {
    const seed = runSeed(1, vtd.name, run);
    if (explore(source, seed, watchOf([property]), monitor).length > 0) return seed;
  }
  return null;
}

// Those that tests of brokenBy do not show already.
describe('on vtd', () => {
  it.each([
    ['vtd-unmap-misses-nested-devices', 'unmap-reaches-nested'],
    ['vtd-context-cleared-live', 'table-entry-not-torn'],
    ['vtd-flush-address-unaligned', 'flushed-range-is-gone'],
  ])('%s is found as a violation of %s, in a short trace from which nothing can be left out', (name, id) => {
    const source = sourceUnder(name);
    const property = VTD_PROPERTIES.find((each) => each.id === id) as Property;
    const seed = firstSeed(source, property, 2000);
    if (seed === null) throw new Error(`${name} was not found`);
    const calls = counterexample(source, seed, property);
    expect(calls.length).toBeLessThanOrEqual(LONGEST);
    expect(minimise(calls, showsViolation(source.setting, property)).length).toBe(calls.length);
  });
});
