import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules, type Rules } from '../../../model/rules.ts';
import { resolveDesign } from '../../../overrides/design.ts';
import { listedFieldsDecide } from '../../../properties/vmm/wish-listed-fields-decide.ts';
import { FIELD_RULES } from '../../../spec/vsmmu/fields.ts';
import { fits, misfitText } from '../../../spec/vsmmu/fits.ts';
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

function rulesOf(vmm: string): Rules {
  const design = resolveDesign([`vmm=${vmm}`]);
  if ('error' in design) throw new Error(design.error);
  return composeRules(design.overrides);
}

describe('listed-fields-decide', () => {
  it.each([
    ['intended', 'IDR5.OAS', 'whether this plug is accepted'],
    ['openvmm-2026-08', 'IDR5.OAS', 'whether this plug is accepted'],
    ['cloud-hypervisor-2026-09', 'IDR0.VMID16, IDR5.OAS', 'what the guest reads in its ID registers'],
  ])('is not granted by %s, for which %s decides %s', (vmm, fields, what) => {
    const text = said(rulesOf(vmm));
    expect(text).toContain(`${fields}, and the value in smmu0 decides ${what}`);
  });

  it.each([true, false])('is not decided by IDR0.ATS for a VMM that asks the device (ATS: %s)', (ats) => {
    const text = said(rulesOf('cloud-hypervisor-2026-09'), withAts(ats));
    expect(text).toMatch(/list IDR0\.VMID16, IDR5\.OAS, and/);
  });

  it('is not granted by qemu-11, which wants a pSMMU of its output size or more', () => {
    const second = {
      actor: 'operator',
      command: 'plug',
      args: { vm: 'vm0', device: 'dev1', vsid: 1 },
    } as const;
    const setting = { scope: oneVsmmu, rules: rulesOf('qemu-11') };
    // The output size also decides what the kernel answers to the first device; of a second one the VMM alone decides.
    expect(violationOf(setting, listedFieldsDecide, [PLUG, BOOT, second])?.violation).toContain(
      'list IDR5.OAS, and the value in smmu0 decides whether this plug is accepted',
    );
  });

  it('is granted by a VMM that compares what is listed, and no more', () => {
    const listed = FIELD_RULES.filter(({ inHwInfo }) => inHwInfo);
    const rules = composeRules([
      {
        name: 'listed-fields-compared',
        kind: 'design',
        summary: 'a plug compares the fields that linux/iommufd.h lists',
        source: 'linux/iommufd.h',
        rules: {
          vmm: {
            plugObjections: (registers, { registers: host }) =>
              host === null
                ? ['no SMMUv3']
                : fits(registers, host)
                    .filter(({ rule }) => listed.includes(rule))
                    .map(misfitText),
          },
        },
      },
    ]);
    expect(said(rules)).toBeNull();
  });
});
