import { describe, expect, it } from 'vitest';
import { isMinimal } from '../../../checker/minimise.ts';
import { Monitor } from '../../../checker/monitor.ts';
import { counterexample, type Source, showsViolation } from '../../../checker/random/engine.ts';
import { firstFound } from '../../../checker/random/first-found.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { watchOf } from '../../../checker/watch.ts';
import { composeRules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { PASID_PROPERTIES } from '../../../properties/pasid/index.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';

/** The first run on a scope that violates the property under an override, shrunk; null: none of many does. */
function found(override: string, property: string, scopeName: string, seed: number) {
  const scope = scopeByName(scopeName);
  const rules = OVERRIDES.find(({ name }) => name === override);
  const wanted = PASID_PROPERTIES.find(({ id }) => id === property);
  if (scope === undefined || rules === undefined || wanted === undefined) throw new Error('no such thing');
  const source: Source = {
    setting: { scope, rules: composeRules([rules]) },
    generate: generateCall,
    steps: 60,
  };
  const monitor = new Monitor([wanted]);
  const watch = watchOf([wanted]);
  const first = firstFound(300, (run) => ({ source, seed: runSeed(seed, scope.name, run), watch }), monitor);
  if (first === null) return null;
  return {
    calls: counterexample(source, first.seed, wanted),
    shows: showsViolation(source.setting, wanted),
  };
}

describe('defects of hosts and VMMs with PASIDs', () => {
  it.each([
    ['teardown-flush-by-pasid-only', 'pasid-reaches-own-vm-only', 'mdev'],
    ['teardown-flush-by-pasid-only', 'free-pasid-leaves-nothing', 'mdev'],
    ['bindings-not-replayed', 'requests-go-where-guest-asked', 'mdev'],
    ['pasid-invalidation-ignored', 'requests-go-where-guest-asked', 'mdev'],
    ['absent-pasid-entry-used', 'requests-go-where-guest-asked', 'mdev'],
    ['address-space-at-wrong-pasid', 'pasid-reaches-own-vm-only', 'mdev-smmuv3'],
    ['shadow-survives-domain-invalidation', 'shadow-equals-merge', 'mdev-smmuv3'],
    ['nested-without-invalidation', 'invalidated-translation-is-gone', 'mdev-smmuv3'],
    ['context-read-in-part', 'requests-go-where-guest-asked', 'mdev'],
    ['any-assignment', 'pasid-reaches-own-vm-only', 'mdev-smmuv3'],
  ])('%s is found as a violation of %s on %s, and nothing can be left out', (override, property, scope) => {
    for (const seed of [1, 2]) {
      const trace = found(override, property, scope, seed);
      if (trace === null) throw new Error(`not found with seed ${seed}`);
      expect(trace.calls.length).toBeLessThanOrEqual(9);
      expect(isMinimal(trace.calls, trace.shows)).toBe(true);
    }
  });
});
