import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/violation.ts';
import type { Call } from '../../../model/call.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { MSI_PROPERTIES } from '../../../properties/msi/index.ts';
import { container } from '../../../workload/scopes/container.ts';
import { containerMsi } from '../../../workload/scopes/container-msi.ts';
import { msiLayouts } from '../../../workload/scopes/msi-layouts.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { twoIts } from '../../../workload/scopes/two-its.ts';
import { wideIts } from '../../../workload/scopes/wide-its.ts';

const boot = (vm = 'vm0'): Call => ({ actor: 'operator', command: 'boot', args: { vm } });
const plug = (device: string, vm = 'vm0', vsid = 0): Call => {
  return { actor: 'operator', command: 'plug', args: { vm, device, vsid } };
};
const guest = (command: Call['command'], args: Call['args'] = {}, vm = 'vm0'): Call => {
  return { actor: `guest:${vm}`, command, args };
};
const thread = (command: 'beginSetIrqs' | 'endSetIrqs', fd: number): Call => {
  return { actor: 'vmm:vm0', command, args: { fd } };
};
const vmm = (command: Call['command'], args: Call['args'], as?: string): Call => {
  return { actor: 'vmm:vm0', command, args, ...(as === undefined ? {} : { as }) };
};
const program = guest('programVector', { address: 0x809_0040n });

/** A process with a device on a paging HWPT, and its first `count` vectors on. */
const onPaging = (device: string, count: number): readonly Call[] => [
  vmm('openIommufd', {}, 'io'),
  vmm('openCdev', { device }, 'cdev'),
  vmm('vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'),
  vmm('ioasAlloc', { fd: 'io' }, 'ioas'),
  vmm('hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas' }, 'one'),
  vmm('hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas' }, 'other'),
  vmm('vfioAttach', { fd: 'cdev', ptId: 'one' }),
  vmm('vfioSetIrqs', {
    fd: 'cdev',
    argsz: 20 + 4 * count,
    flags: 0x24,
    index: 1,
    count,
    data: new Array<bigint>((count + 1) >> 1).fill(0xffff_ffff_ffff_ffffn),
  }),
];
/** A container with some groups, each with a device open. */
const inContainer = (...devices: readonly (readonly [number, string])[]): readonly Call[] => [
  vmm('containerOpen', {}),
  ...devices.flatMap(([group]) => [vmm('groupOpen', { group }), vmm('groupSetContainer', { group })]),
  vmm('containerSetIommu', { type: 3 }),
  ...devices.map(([group, device]) => vmm('groupGetDevice', { group, device })),
];
const nic0 = { group: 0, device: 'nic0' };
const disk0 = { group: 1, device: 'disk0' };
const RAM = { flags: 3, vaddr: 0x7f00_0000_0000n, length: 0x1_0000n };
const toOther = vmm('vfioAttach', { fd: 'cdev', ptId: 'other' });
const twice = [
  boot(),
  plug('dev0'),
  plug('dev1', 'vm0', 1),
  thread('beginSetIrqs', 4),
  thread('beginSetIrqs', 6),
];

/** What each defect is known to do, with its last command. */
const KNOWN: readonly (readonly [string, string, Scope, readonly Call[]])[] = [
  [
    'msi-page-in-default-domain',
    'msi-reaches-own-doorbell',
    twoIts,
    [boot(), plug('dev0'), program, guest('enableVector')],
  ],
  ['doorbell-lost-on-replace', 'msi-keeps-working', wideIts, [...onPaging('dev0', 1), toOther]],
  [
    'doorbell-list-unlocked',
    'one-page-per-doorbell',
    twoIts,
    [...twice, thread('endSetIrqs', 4), thread('endSetIrqs', 6)],
  ],
  ['msi-window-not-reserved', 'no-ram-behind-doorbell', msiLayouts, [plug('dev0')]],
  [
    'msi-cookie-outlives-domain',
    'msi-keeps-working',
    wideIts,
    [
      ...onPaging('dev0', 1),
      toOther,
      vmm('destroy', { fd: 'io', id: 'one' }),
      { actor: 'host', command: 'moveInterrupt', args: { device: 'dev0' } },
    ],
  ],
  ['msi-window-unenforced', 'what-is-reserved-is-used', wideIts, onPaging('dev1', 17)],
  [
    'msi-window-unenforced',
    'what-is-reserved-is-used',
    containerMsi,
    [...inContainer([1, 'disk0']), vmm('groupSetIrqs', { ...disk0, count: 17 })],
  ],
  [
    'msi-page-in-default-domain',
    'msi-reaches-nothing-else',
    containerMsi,
    [
      ...inContainer([0, 'nic0']),
      vmm('containerMapDma', { ...RAM, iova: 0xffff_0000n }),
      vmm('groupSetIrqs', nic0),
    ],
  ],
  [
    'doorbell-list-unlocked',
    'one-page-per-doorbell',
    container,
    [
      ...inContainer([0, 'nic0'], [1, 'disk0']),
      vmm('groupBeginSetIrqs', nic0),
      vmm('groupBeginSetIrqs', disk0),
      vmm('groupEndSetIrqs', nic0),
      vmm('groupEndSetIrqs', disk0),
    ],
  ],
  [
    'msi-window-not-reserved',
    'no-ram-behind-doorbell',
    containerMsi,
    [...inContainer([0, 'nic0']), vmm('containerMapDma', { ...RAM, iova: 0x800_0000n })],
  ],
];

describe.each(KNOWN.map((each) => [each[0], each[1], each] as const))(
  '%s',
  (name, id, [, , scope, calls]) => {
    const property = MSI_PROPERTIES.find((each) => each.id === id);
    const override = OVERRIDES.find((each) => each.name === name);
    if (property === undefined || override === undefined) throw new Error(`no ${id} or no ${name}`);

    it(`breaks ${id} with the last of ${calls.length} commands, and without it nothing is broken`, () => {
      const under = (overrides: readonly Override[]) =>
        violationOf({ scope, rules: composeRules(overrides) }, property, calls)?.calls ?? null;
      expect(under([override])).toBe(calls.length);
      expect(under([])).toBeNull();
    });
  },
);
