import { describe, expect, it } from 'vitest';
import { changedScope } from '../../../checker/platform/apply.ts';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules } from '../../../model/rules.ts';
import { resolveDesign } from '../../../overrides/index.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import type { Property } from '../../../properties/property.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { CLOUD_HYPERVISOR } from './cloud-hypervisor.ts';
import { OPENVMM } from './openvmm.ts';
import { OPENVMM_WALKS } from './openvmm-walker.ts';
import { QEMU } from './qemu.ts';
import type { Row } from './row.ts';

/** How many calls it takes under a design, and what is said then; null: the property holds. */
function shown({ scope, set, property, kernel = 'intended', calls }: Row, design: string) {
  const resolved = resolveDesign([design, `kernel=${kernel}`]);
  if ('error' in resolved) throw new Error(resolved.error);
  const base = scopeByName(scope) as Scope;
  const setting = {
    scope: set === undefined ? base : changedScope(base, { set }),
    rules: composeRules(resolved.overrides),
  };
  const found = ALL_PROPERTIES.find(({ id }) => id === property) as Property;
  const violation = violationOf(setting, found, calls);
  return violation === null ? null : { calls: violation.calls, says: violation.violation };
}

describe.each([
  ['vmm=qemu-11', QEMU],
  ['vmm=openvmm-2026-08', OPENVMM],
  ['smmu=openvmm-2026-08', OPENVMM_WALKS],
  ['vmm=cloud-hypervisor-2026-09', CLOUD_HYPERVISOR],
] as const)('in %s', (design, rows) => {
  it.each(rows.map((row) => [row.what, row] as const))('%s', (_what, row) => {
    const found = shown(row, design);
    expect(String(found?.says)).toContain(row.says);
    expect(found?.calls).toBe(row.calls.length);
    expect(row.calls.length).toBeLessThanOrEqual(row.within ?? row.calls.length);
    // A wish is nobody's promise: the intended VMM does not grant it either.
    if (row.property !== 'listed-fields-decide') expect(shown(row, 'vmm=intended')).toBeNull();
  });
});
