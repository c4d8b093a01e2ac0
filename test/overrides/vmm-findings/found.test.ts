import { describe, expect, it } from 'vitest';
import { check } from '../../../checker/check.ts';
import { DEFAULTS } from '../../../checker/defaults.ts';
import { selectRules } from '../../../checker/select/rules.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';
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

describe.each([
  ['vmm=qemu-11', QEMU, undefined, 480],
  ['vmm=openvmm-2026-08', OPENVMM, undefined, 480],
  ['vmm=cloud-hypervisor-2026-09', CLOUD_HYPERVISOR, undefined, 1400],
  ['smmu=openvmm-2026-08', OPENVMM_WALKS, undefined, 60],
  ['vmm=qemu-11', QEMU, 'linux-7.2', 30],
  ['vmm=openvmm-2026-08', OPENVMM, 'linux-7.2', 30],
] as const)('a check of %s', (design, rows, kernel, runs) => {
  it(`with ${kernel ?? 'the intended kernel'} finds as little as is known to break each property`, async () => {
    const least = fewest(rows, kernel);
    const names = new Set(rows.filter((row) => row.kernel === kernel).map(({ scope }) => scope));
    const report = await check({
      scopes: SCOPES.filter(({ name }) => names.has(name)),
      properties: ALL_PROPERTIES.filter(({ id }) => least.has(id)),
      selection: await selectRules([design, ...(kernel === undefined ? [] : [`kernel=${kernel}`])], []),
      generate: generateCall,
      seed: DEFAULTS.seed,
      steps: DEFAULTS.steps,
      runs,
      timeLimit: null,
    });
    const found = report.properties.map(({ property, trace }) => [property.id, trace?.steps.length] as const);
    expect(found.map(([id]) => id).sort()).toEqual([...least.keys()].sort());
    const longer = found.filter(([id, steps]) => (steps ?? Infinity) > (least.get(id) ?? 0));
    expect(longer).toEqual([]);
  }, 300_000);
});
