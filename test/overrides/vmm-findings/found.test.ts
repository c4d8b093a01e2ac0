import { describe, expect, it } from 'vitest';
import { appliesTo } from '../../../checker/applicable.ts';
import { DEFAULTS } from '../../../checker/defaults.ts';
import { Monitor } from '../../../checker/monitor.ts';
import { counterexample, exploreSome } from '../../../checker/random/engine.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { selectRules } from '../../../checker/select/rules.ts';
import { watchOf } from '../../../checker/watch.ts';
import type { Rules } from '../../../model/rules.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import type { Property } from '../../../properties/property.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { sweep } from '../../support/sweep.ts';
import { CLOUD_HYPERVISOR } from './cloud-hypervisor.ts';
import { OPENVMM } from './openvmm.ts';
import { OPENVMM_WALKS } from './openvmm-walker.ts';
import { QEMU } from './qemu.ts';
import type { Row } from './row.ts';

/** Its own test has it, of which each run is made again for every field. */
const WISH = 'listed-fields-decide';

/** For each property that rows of an unchanged platform break: the fewest commands in which one is described. */
function fewest(rows: readonly Row[], kernel: string | undefined): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const { property, set, calls, within = calls.length, ...row } of rows) {
    if (set !== undefined || property === WISH || row.kernel !== kernel) continue;
    least.set(property, Math.min(least.get(property) ?? within, within));
  }
  return least;
}

/** Runs of these scopes, one after the other, as a check of seed 1 makes them. */
function runsOf(scopes: readonly Scope[], rules: Rules, properties: readonly Property[]) {
  const sources = scopes.map((scope) => ({
    source: { setting: { scope, rules }, generate: generateCall, steps: DEFAULTS.steps },
    properties: properties.filter((property) => appliesTo(property, scope)),
  }));
  return (place: number, missing: ReadonlySet<string>) => {
    const at = sources[place % sources.length] as (typeof sources)[number];
    const watch = watchOf(at.properties.filter(({ id }) => missing.has(id)));
    const seed = runSeed(1, at.source.setting.scope.name, Math.floor(place / sources.length));
    const [found = []] = exploreSome([{ source: at.source, seed, watch }], new Monitor([]));
    return found.map(({ property }) => ({
      property: property.id,
      calls: counterexample(at.source, seed, property),
    }));
  };
}

describe.each([
  ['vmm=qemu-11', QEMU, undefined],
  ['vmm=openvmm-2026-08', OPENVMM, undefined],
  ['vmm=cloud-hypervisor-2026-09', CLOUD_HYPERVISOR, undefined],
  ['smmu=openvmm-2026-08', OPENVMM_WALKS, undefined],
  ['vmm=qemu-11', QEMU, 'linux-7.2'],
  ['vmm=openvmm-2026-08', OPENVMM, 'linux-7.2'],
] as const)('a search of %s', (design, rows, kernel) => {
  it(`with ${kernel ?? 'the intended kernel'} finds as little as is known to break each property`, async () => {
    const least = fewest(rows, kernel);
    const names = new Set(rows.filter((row) => row.kernel === kernel).map(({ scope }) => scope));
    const { rules } = await selectRules([design, ...(kernel === undefined ? [] : [`kernel=${kernel}`])], []);
    const runs = runsOf(
      SCOPES.filter(({ name }) => names.has(name)),
      rules,
      ALL_PROPERTIES.filter(({ id }) => least.has(id)),
    );
    const never = sweep(`${design} under ${kernel ?? 'intended'}`, least.keys(), 1400, (place, missing) =>
      runs(place, missing)
        .filter(({ property, calls }) => calls.length <= (least.get(property) ?? 0))
        .map(({ property }) => property),
    );
    expect(never).toEqual([]);
  }, 300_000);
});
