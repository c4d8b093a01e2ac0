import { describe, expect, it } from 'vitest';
import { violationOf } from '../../checker/violation.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import { resolveDesign } from '../../overrides/index.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import type { Finding } from '../../tools/vmm-findings.ts';
import { CLOUD_HYPERVISOR_FINDINGS, OPENVMM_FINDINGS } from '../../tools/vmm-findings-others.ts';
import { QEMU_FINDINGS } from '../../tools/vmm-findings-qemu.ts';
import { scopeByName } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';

function overridesOf(selector: string): readonly Override[] {
  const design = resolveDesign([selector]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

/** After how many of its calls a finding's property is violated, and with what words; null: it is not. */
function violation({ scope, property, calls, kernel }: Finding, overrides: readonly Override[]) {
  const base = kernel === undefined ? [] : overridesOf(`kernel=${kernel}`);
  const rules = composeRules([...base, ...overrides]);
  const found = ALL_PROPERTIES.find(({ id }) => id === property) as Property;
  return violationOf({ scope: scopeByName(scope) as Scope, rules }, found, calls);
}

describe.each([
  ['qemu-11', QEMU_FINDINGS],
  ['openvmm-2026-08', OPENVMM_FINDINGS],
  ['cloud-hypervisor-2026-09', CLOUD_HYPERVISOR_FINDINGS],
] as const)('each finding in %s', (vmm, findings) => {
  it.each(findings.map((finding) => [finding.deviation.name, finding] as const))(
    '%s is shown by its calls, by itself and in the design, and not by the intended VMM',
    (_name, finding) => {
      const { deviation, calls, inDesign = calls } = finding;
      expect(violation(finding, [])).toBeNull();
      expect(violation(finding, [deviation])?.calls).toBe(calls.length);
      const whole = violation({ ...finding, calls: inDesign }, overridesOf(`vmm=${vmm}`));
      expect(whole).not.toBeNull();
    },
  );

  it.each(findings.map((finding) => [finding.deviation.name, finding] as const))(
    '%s needs every call that shows it',
    (_name, finding) => {
      for (let at = 0; at < finding.calls.length; at++) {
        const fewer = { ...finding, calls: finding.calls.filter((_, index) => index !== at) };
        const said = violation(fewer, [finding.deviation])?.violation ?? null;
        expect(said, `without call ${at + 1}`).not.toBe(violation(finding, [finding.deviation])?.violation);
      }
    },
  );

  it('has one for each deviation of the design', () => {
    const named = new Set(findings.map(({ deviation }) => deviation.name));
    const missing = overridesOf(`vmm=${vmm}`).filter(
      ({ kind, name }) => kind === 'deviation' && !named.has(name),
    );
    expect(missing.map(({ name }) => name)).toEqual(
      vmm === 'cloud-hypervisor-2026-09' ? ['later-devices-unchecked'] : [],
    );
  });
});
