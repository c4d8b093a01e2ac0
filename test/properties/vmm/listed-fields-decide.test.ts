import { describe, expect, it } from 'vitest';
import { changedScope } from '../../../checker/platform/apply.ts';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules, type Rules } from '../../../model/rules.ts';
import { resolveDesign } from '../../../overrides/design.ts';
import { attachedDeviceWithinVsmmu } from '../../../properties/vmm/attached-device-within-vsmmu.ts';
import { listedFieldsDecide } from '../../../properties/vmm/wish-listed-fields-decide.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

const PLUG = { actor: 'operator', command: 'plug', args: { vm: 'vm0', device: 'dev0' } } as const;
const BOOT = { actor: 'operator', command: 'boot', args: { vm: 'vm0' } } as const;

/** What the property says of a machine that gets a device before its start. */
function said(rules: Rules, scope: Scope = oneVsmmu): string | null {
  return violationOf({ scope, rules }, listedFieldsDecide, [PLUG, BOOT])?.violation ?? null;
}

/** The first device does ATS, or not. */
function withAts(ats: boolean): Scope {
  const { platform } = oneVsmmu;
  const devices = platform.devices.map((each) => (each.id === 'dev0' ? { ...each, ats } : each));
  return { ...oneVsmmu, platform: { ...platform, devices } };
}

function rulesOf(selector: string): Rules {
  const design = resolveDesign([selector]);
  if ('error' in design) throw new Error(design.error);
  return composeRules(design.overrides);
}

describe('listed-fields-decide', () => {
  it.each([
    ['intended', 'IDR5.OAS', 'whether this plug is accepted'],
    ['openvmm-2026-08', 'IDR5.OAS', 'whether this plug is accepted'],
    ['cloud-hypervisor-2026-09', 'IDR0.VMID16, IDR5.OAS', 'what the guest reads in its ID registers'],
  ])('is not granted by %s, for which %s decides %s', (vmm, fields, what) => {
    const text = said(rulesOf(`vmm=${vmm}`));
    expect(text).toContain(`${fields}, and the value in smmu0 decides ${what}`);
  });

  it.each([true, false])('is not decided by IDR0.ATS for a VMM that asks the device (ATS: %s)', (ats) => {
    const text = said(rulesOf('vmm=cloud-hypervisor-2026-09'), withAts(ats));
    expect(text).toMatch(/list IDR0\.VMID16, IDR5\.OAS, and/);
  });

  it('is not granted by qemu-11, which wants a pSMMU of its output size or more', () => {
    const second = {
      actor: 'operator',
      command: 'plug',
      args: { vm: 'vm0', device: 'dev1', vsid: 1 },
    } as const;
    const setting = { scope: oneVsmmu, rules: rulesOf('vmm=qemu-11') };
    // The output size also decides what the kernel answers to the first device; of a second one the VMM alone decides.
    expect(violationOf(setting, listedFieldsDecide, [PLUG, BOOT, second])?.violation).toContain(
      'list IDR5.OAS, and the value in smmu0 decides whether this plug is accepted',
    );
  });

  it('is granted by a VMM that compares what is listed, and no more', () => {
    expect(said(rulesOf('vsmmu=listed-fields'))).toBeNull();
  });

  it('costs that VMM a guest in front of a pSMMU of which the output size is smaller', () => {
    const scope = changedScope(oneVsmmu, { set: ['smmu0.IDR5.OAS=2'] });
    const setting = { scope, rules: rulesOf('vsmmu=listed-fields') };
    expect(violationOf(setting, attachedDeviceWithinVsmmu, [PLUG, BOOT])).toMatchObject({
      calls: 2,
      violation: expect.stringContaining('IDR5.OAS=4 (the pSMMU: 2)'),
    });
    const intended = { scope, rules: rulesOf('vmm=intended') };
    expect(violationOf(intended, attachedDeviceWithinVsmmu, [PLUG, BOOT])).toBeNull();
  });

  it('looks at what the operator does alone, from the beginning', () => {
    const open = { actor: 'vmm:vm0', command: 'openIommufd', args: {} } as const;
    const read = { actor: 'guest:vm0', command: 'readId', args: {} } as const;
    const setting = { scope: oneVsmmu, rules: rulesOf('vmm=intended') };
    const text = violationOf(setting, listedFieldsDecide, [open, read, BOOT, read, PLUG, read])?.violation;
    expect(text).toContain('the value in smmu0 decides whether this plug is accepted');
    expect(violationOf(setting, listedFieldsDecide, [open, read, BOOT, read])).toBeNull();
  });
});
