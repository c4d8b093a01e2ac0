import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules, type Rules } from '../../../model/rules.ts';
import { resolveDesign } from '../../../overrides/design.ts';
import { listedFieldsDecide } from '../../../properties/vmm/wish-listed-fields-decide.ts';
import { FIELD_RULES } from '../../../spec/vsmmu/fields.ts';
import { fits, misfitText } from '../../../spec/vsmmu/fits.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';

const PLUG = { actor: 'operator', command: 'plug', args: { vm: 'vm0', device: 'dev0' } } as const;
const BOOT = { actor: 'operator', command: 'boot', args: { vm: 'vm0' } } as const;

/** What the property says of a machine that gets a device before its start. */
function said(rules: Rules): string | null {
  return violationOf({ scope: oneVsmmu, rules }, listedFieldsDecide, [PLUG, BOOT])?.violation ?? null;
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
