import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/run.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import type { Call } from '../../../properties/commands/call.ts';
import { MSI_PROPERTIES } from '../../../properties/msi/index.ts';
import { msiLayouts } from '../../../properties/scopes/msi-layouts.ts';
import type { Scope } from '../../../properties/scopes/scope.ts';
import { twoIts } from '../../../properties/scopes/two-its.ts';
import { wideIts } from '../../../properties/scopes/wide-its.ts';

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
