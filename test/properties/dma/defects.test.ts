import { describe, expect, it } from 'vitest';
import { minimise } from '../../../checker/minimise.ts';
import { Monitor } from '../../../checker/monitor.ts';
import { counterexample, type Source, type Start, showsViolation } from '../../../checker/random/engine.ts';
import { firstFound } from '../../../checker/random/first-found.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { watchOf } from '../../../checker/watch.ts';
import { underOne } from '../../../checker/watchdog.ts';
import { composeRules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import type { Property } from '../../../properties/property.ts';
import { DMA_PROPERTIES } from '../../../properties/smmu/index.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { guestDma } from '../../../workload/scopes/guest-dma.ts';

const STEPS = 60;

/** Ten commands or so bring a guest behind its vSMMU; the rest is the bug. */
const LONGEST = 16;

function sourceUnder(name: string): Source {
  const override = OVERRIDES.find((each) => each.name === name);
  if (override === undefined) throw new Error(`there is no override ${name}`);
  return {
    setting: { scope: guestDma, rules: composeRules([override]) },
    generate: generateCall,
    steps: STEPS,
  };
}

/** The first run that violates the property, as its seed. */
function firstSeed(source: Source, property: Property, runs: number): number | null {
  const monitor = new Monitor([property]);
  const watch = watchOf([property]);
  const startOf = (run: number): Start => ({ source, seed: runSeed(1, guestDma.name, run), watch });
  return firstFound(runs, startOf, monitor)?.seed ?? null;
}

describe('on guest-dma', () => {
  it.each([
    ['tlbi-without-vmid', 'after-invalidation-nothing-stale'],
    ['s2-unmap-keeps-nested', 'dma-stays-in-ioas'],
    ['atc-before-tlb', 'dma-stays-in-ioas'],
    ['detach-keeps-atc', 'ats-off-leaves-no-atc'],
    ['ste-range-unaligned', 'unmapped-is-unreachable'],
    ['ste-doubleword-torn', 'entry-update-not-torn'],
    ['ste-update-without-safe-bits', 'entry-update-not-torn'],
    ['invalidate-drops-converted', 'reported-invalidation-took-effect'],
  ])('%s is found as a violation of %s, in a short trace from which nothing can be left out', (name, id) => {
    const source = sourceUnder(name);
    const property = DMA_PROPERTIES.find((each) => each.id === id) as Property;
    const seed = firstSeed(source, property, 2000);
    if (seed === null) throw new Error(`${name} was not found`);
    const calls = counterexample(source, seed, property);
    expect(calls.length).toBeLessThanOrEqual(LONGEST);
    const shows = showsViolation(source.setting, property);
    expect(underOne(() => minimise(calls, shows)).length).toBe(calls.length);
  });
});

describe('a step of the driver that is left out, or in the wrong place, is found:', () => {
  it.each([
    ['cd-without-cfgi', 'teardown-returns-everything'],
    ['ste-before-cd', 'dma-between-writes-is-old-or-new'],
    ['s1-unmap-wrong-asid', 'dma-stays-in-ioas'],
    ['unmap-misses-nested-tags', 'unmapped-is-unreachable'],
    ['stages-without-sync', 'unmapped-is-unreachable'],
    ['tag-never-flushed', 'teardown-returns-everything'],
    ['tag-flushed-first', 'teardown-returns-everything'],
    ['atc-before-entry', 'ats-off-leaves-no-atc'],
    ['guest-commands-unsynced', 'after-invalidation-nothing-stale'],
    ['nsnh-all-unconfined', 'invalidation-touches-own-vm-only'],
  ])('%s breaks %s', (name, id) => {
    const property = PROPERTIES.find((each) => each.id === id) as Property;
    expect(firstSeed(sourceUnder(name), property, 2000)).not.toBeNull();
  });
});
