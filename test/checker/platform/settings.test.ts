import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedScope } from '../../../checker/platform/apply.ts';
import { scopeOfOrder } from '../../../checker/platform/select.ts';
import { targetsOf } from '../../../checker/platform/settings.ts';
import { arbitraryRun } from '../../../checker/random/engine.ts';
import { recordTrace } from '../../../checker/record.ts';
import { UsageError } from '../../../checker/select/usage-error.ts';
import { printTrace } from '../../../checker/trace/encode.ts';
import { parseTrace } from '../../../checker/trace/parse.ts';
import { intended } from '../../../model/rules.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES, scopeByName } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

function scope(name: string): Scope {
  const found = scopeByName(name);
  if (found === undefined) throw new Error(`no scope ${name}`);
  return found;
}

const selection = { rules: intended, design: {}, defects: [] };

/** Values of which every field takes some. */
const VALUES = [
  'on',
  'off',
  '0',
  '1',
  '2',
  '3',
  '8',
  '0x1000',
  '0x10000',
  '0xffffffff',
  'none',
  'pasid',
  'Bits48',
];

/** Every scope with one setting changed, where that makes a platform. */
const changed: readonly (readonly [string, Scope])[] = SCOPES.flatMap((base) =>
  [...targetsOf(base.platform)].flatMap(([target, fields]) =>
    Object.keys(fields).flatMap((field) =>
      VALUES.flatMap((value): readonly (readonly [string, Scope])[] => {
        const setting = `${target}.${field}=${value}`;
        try {
          return [[`${base.name} ${setting}`, changedScope(base, { set: [setting] })]];
        } catch (error) {
          if (error instanceof UsageError) return [];
          throw error;
        }
      }),
    ),
  ),
);

describe('a setting', () => {
  it('is there for every register field, device and vSMMU of every scope', () => {
    expect(changed.length).toBeGreaterThan(5000);
    const [idr1] = changedScope(scope('one-smmu'), { set: ['smmu0.IDR1.SSIDSIZE=5'] }).platform.iommus;
    expect(((idr1?.idr[1] ?? 0) >> 6) & 31).toBe(5);
    const [machine] =
      changedScope(scope('one-vsmmu'), { set: ['vsmmu0.ats=on', 'vm0.vsmmu0.oas=Bits48'] }).platform
        .vmHardware ?? [];
    expect(machine?.vsmmus[0]).toMatchObject({ ats: true, oas: 5 });
    const { emulatedVtd } = changedScope(scope('emulated-vtd'), {
      set: [
        'emulatedVtd.ECAP.SMTS=0',
        'emulatedVtd.CAP=0x81d2008c222f0686',
        'emulatedVtd.hostAddressWidth=39',
      ],
    }).platform;
    expect(emulatedVtd).toMatchObject({ cap: 0x81d2_008c_222f_0686n, hostAddressWidth: 39 });
    expect(((emulatedVtd?.ecap ?? 1n << 43n) >> 43n) & 1n).toBe(0n);
  });

  it('leads to platforms on which every command has an answer, and to traces that read back', () => {
    const some = fc.sample(fc.constantFrom(...changed), { seed: 1, numRuns: 150 });
    for (const [what, each] of some) {
      const source = { setting: { scope: each, rules: intended }, generate: generateCall, steps: 12 };
      const [calls = []] = fc.sample(arbitraryRun(source), { seed: 1, numRuns: 1 });
      const trace = recordTrace(each, selection, calls, null);
      const read = parseTrace(printTrace(trace));
      expect(read.platform, what).toEqual(each.changes);
      const { scope: name, platform = null } = read;
      expect(scopeOfOrder({ name, changes: platform }).platform, what).toEqual(each.platform);
    }
  });

  it.each([
    ['smmu0.IDR1.SSIDSIZ=0', /unknown setting of smmu0 'IDR1.SSIDSIZ'; did you mean IDR1.SSIDSIZE\?/],
    ['smu0.IDR1.SSIDSIZE=0', /unknown part of scope one-smmu 'smu0'; did you mean smmu0\?/],
    ['smmu0.IDR1.SSIDSIZE=40', /smmu0.IDR1.SSIDSIZE: expected a value of 5 bits, got '40'/],
    ['smmu0.IDR5.OAS=Bits44x', /smmu0.IDR5.OAS: expected Bits32, .*Bits52, a value of 3 bits, got 'Bits44x'/],
    ['dev0.iommu=7', /dev0.iommu: expected a whole number from 0 to 0, smmu0, got '7'/],
    ['dev1.ats=maybe', /dev1.ats: expected on or off, got 'maybe'/],
    ['kernel.pageSize=0x3000', /kernel.pageSize: expected 0x1000, 0x4000 or 0x10000/],
    ['dev1.group=-1', /dev1.group: expected a whole number from 0 to 1023/],
    ['nonsense', /'nonsense': expected a setting such as smmu0.IDR1.SSIDSIZE=0/],
    ['smmu0.toString=1', /unknown setting of smmu0 'toString'/],
  ])('%s is refused in one line', (setting, says) => {
    expect(() => changedScope(scope('one-smmu'), { set: [setting] })).toThrow(UsageError);
    expect(() => changedScope(scope('one-smmu'), { set: [setting] })).toThrow(says);
  });
});
