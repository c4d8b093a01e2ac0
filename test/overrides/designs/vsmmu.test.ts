import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/violation.ts';
import type { Call } from '../../../model/call.ts';
import { composeRules } from '../../../model/rules.ts';
import { resolveDesign } from '../../../overrides/index.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { decode } from '../../../spec/bits.ts';
import { idr5 } from '../../../spec/smmuv3/id-registers.ts';
import { mixedHost } from '../../../workload/scopes/mixed-host.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { GBPA_ABORT, Lab, ON, STE } from '../../model/vmm/lab.ts';

function overridesOf(selector: string) {
  const design = resolveDesign([selector]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

function call(command: Call['command'], args: Call['args'] = {}): Call {
  const guest = ['readId', 'writeCr0', 'writeGbpa', 'writeSte', 'issueCommands'].includes(command);
  return { actor: guest ? 'guest:vm0' : 'operator', command, args: guest ? args : { vm: 'vm0', ...args } };
}

const boot = call('boot');
const plug = (device: string, args: Call['args'] = {}): Call => call('plug', { device, ...args });
const moved: readonly Call[] = [
  plug('dev0'),
  boot,
  call('unplug', { device: 'dev0' }),
  call('migrate', { host: 1, device: 'dev3' }),
];

/** What each design is known to do, in as few commands as do it. */
const KNOWN: readonly (readonly [string, string, Scope, readonly Call[]])[] = [
  ['vsmmu=inherit', 'boots-without-a-device', oneVsmmu, [boot]],
  ['vsmmu=inherit', 'id-registers-never-change', oneVsmmu, moved],
  ['vsmmu=inherit', 'migration-is-invisible', oneVsmmu, moved],
  ['vsmmu=least-common', 'boots-without-a-device', oneVsmmu, [boot]],
  ['vsmmu=least-common', 'id-registers-never-change', oneVsmmu, moved],
  ['vsmmu=most-capable', 'boots-without-a-device', oneVsmmu, [boot]],
  ['vsmmu=most-capable', 'never-silently-degraded', oneVsmmu, [plug('dev2')]],
  ['vsmmu=id-handle', 'boots-without-a-device', oneVsmmu, [boot]],
  ['vsmmu=id-handle', 'boot-needs-no-kernel', oneVsmmu, [boot]],
  ['vsmmu=id-handle', 'fitting-device-can-be-hotplugged', mixedHost, [plug('dev0'), boot]],
  [
    'vsmmu=id-handle',
    'attached-device-within-vsmmu',
    mixedHost,
    [plug('dev0'), boot, plug('dev2', { vsmmu: 1 })],
  ],
  ['vsmmu=driver-backdoor', 'no-driver-without-device', oneVsmmu, [boot]],
  ['vsmmu=driver-backdoor', 'boot-needs-no-kernel', oneVsmmu, [boot]],
  [
    'vsmmu=driver-backdoor',
    'id-registers-never-change',
    oneVsmmu,
    [boot, call('migrate', { host: 1, device: 'dev3' })],
  ],
  ['vmm=qemu-11', 'attached-device-within-vsmmu', mixedHost, [boot, plug('dev3')]],
  ['vmm=qemu-11', 'vsmmu-on-one-psmmu', mixedHost, [plug('dev0'), plug('dev3', { vsid: 1 })]],
  [
    'vmm=qemu-11',
    'earlier-configuration-applies',
    oneVsmmu,
    [boot, call('writeCr0', { value: 1 }), plug('dev0')],
  ],
  [
    'vmm=qemu-11',
    'device-sees-what-guest-asked',
    oneVsmmu,
    [boot, call('writeGbpa', { value: GBPA_ABORT }), plug('dev0'), plug('dev1', { vsid: 1 })],
  ],
];

describe.each(KNOWN.map((each) => [each[0], each[1], each] as const))(
  '%s',
  (selector, id, [, , scope, calls]) => {
    const property = PROPERTIES.find((each) => each.id === id);
    if (property === undefined) throw new Error(`no property ${id}`);

    it(`breaks ${id} with its last command, and vsmmu=specified does not`, () => {
      const rules = composeRules(overridesOf(selector));
      expect(violationOf({ scope, rules }, property, calls)?.calls).toBe(calls.length);
      const specified = composeRules(overridesOf('vsmmu=specified'));
      // The others do not get as far, and that is no violation either.
      if (property.kind === 'reachability') return;
      expect(violationOf({ scope, rules: specified }, property, calls)).toBeNull();
    });
  },
);

describe('on a mixed host', () => {
  /** IDR5.OAS that the guest reads from a vSMMU. */
  function oas(lab: Lab, vsmmu: number): number {
    lab.do('readId', { vsmmu });
    return decode(idr5, [lab.data[5] ?? 0n]).OAS;
  }

  it.each([
    // dev0 is behind a pSMMU with 48 bits, dev2 behind one with 40.
    ['vsmmu=specified', 4, 2],
    ['vsmmu=inherit', 5, 2],
    ['vsmmu=least-common', 2, 2],
    ['vsmmu=most-capable', 5, 5],
  ])('%s shows output sizes %i and %i', (selector, first, second) => {
    const lab = new Lab(mixedHost, overridesOf(selector));
    expect(lab.do('plug', { vsmmu: 0, device: 'dev0' })).toBe('ok');
    expect(lab.do('plug', { vsmmu: 1, device: 'dev2' })).toBe('ok');
    expect(lab.do('boot')).toBe('ok');
    expect([oas(lab, 0), oas(lab, 1)]).toEqual([first, second]);
  });

  it('inherit refuses to boot where least-common does: a vSMMU without a device of its own', () => {
    for (const [selector, expected] of [
      ['vsmmu=inherit', 'ENODEV'],
      ['vsmmu=least-common', 'ok'],
    ] as const) {
      const lab = new Lab(mixedHost, overridesOf(selector));
      lab.do('plug', { device: 'dev0' });
      expect(lab.do('boot')).toBe(expected);
    }
  });

  it('a device behind an IOMMU of another kind is refused, or emulated', () => {
    const specified = new Lab(mixedHost);
    expect(specified.do('plug', { device: 'dev7' })).toBe('EINVAL');
    expect(specified.reason).toBe('dev7 does not fit vSMMU 0: no SMMUv3');
    const capable = new Lab(mixedHost, overridesOf('vsmmu=most-capable'));
    expect(capable.do('plug', { device: 'dev7' })).toBe('ok');
    expect(capable.domainOf('dev7')).toBe('paging');
  });
});

describe('the most capable', () => {
  it('emulates what was nested before a better pSMMU came, and the other way round', () => {
    const lab = new Lab(mixedHost, overridesOf('vsmmu=most-capable'));
    lab.do('plug', { device: 'dev2' });
    expect(lab.domainOf('dev2')).toBe('bypass');
    lab.do('plug', { device: 'dev0', vsid: 1 });
    expect(lab.do('boot')).toBe('ok');
    expect([lab.domainOf('dev0'), lab.domainOf('dev2')]).toEqual(['bypass', 'paging']);
  });

  it('takes an emulated device off everything that its guest does not map', () => {
    const lab = new Lab(oneVsmmu, overridesOf('vsmmu=most-capable'));
    lab.do('plug', { device: 'dev0' });
    lab.do('plug', { device: 'dev2', vsid: 1 });
    lab.do('boot');
    lab.do('writeSte', { vsid: 1, words: STE.translate });
    expect(lab.domainOf('dev2')).toBe('paging');
    lab.do('writeGbpa', { value: GBPA_ABORT });
    expect(lab.domainOf('dev2')).toBe('blocked');
    lab.do('writeCr0', { value: ON });
    expect(lab.domainOf('dev2')).toBe('paging');
    expect(lab.do('unplug', { device: 'dev2' })).toBe('ok');
  });
});
