import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import {
  BOOT,
  COMMANDS,
  cr0,
  ENABLED,
  EVENTS,
  GBPA_ABORTS,
  guest,
  issue,
  plug,
  storeSte,
} from '../../../tools/vmm-findings.ts';
import { COMMAND, L1, STES, TABLE } from '../../../tools/vmm-words.ts';
import type { Row } from './row.ts';

const ASKED = 'device-sees-what-guest-asked';
const STOPS = 'commands-stop-as-architected';
const one = 'one-vsmmu';

const register = (name: string, value: bigint) => guest('writeRegister', { register: name, value });

/** An entry that is legal, with a bit of its second word that the kernel has no list for. */
function refused(what: string, bit: bigint): Row {
  return {
    what: `ste: ${what}, which a guest may set, makes the kernel refuse it`,
    property: STOPS,
    scope: one,
    within: 5,
    calls: [
      plug('dev0'),
      BOOT,
      storeSte([STES.stage1[0] ?? 0n, bit]),
      cr0(ENABLED | COMMANDS),
      issue(COMMAND.cfgiSte),
    ],
    says: 'stops at CFGI_STE',
  };
}

/** A level 1 descriptor whose level 2 array is where no memory is. */
const NOWHERE = 1n;

/** What is seen of an entry after a range of them was invalidated. */
function ignored(name: string, words: readonly bigint[]): Row {
  return {
    what: `commands: ${name} does nothing, and a device keeps the entry that is gone`,
    property: ASKED,
    scope: one,
    within: 6,
    calls: [
      plug('dev0'),
      BOOT,
      storeSte(STES.bypass),
      cr0(ENABLED | COMMANDS),
      storeSte(STES.invalid),
      issue(words, COMMAND.sync),
    ],
    says: 'should see abort, and sees bypass',
  };
}

/** cloud-hypervisor 07addbae1c66 and 43659ea3404c (2026-09). */
export const CLOUD_HYPERVISOR: readonly Row[] = [
  {
    what: 'registers: VMID16 and OAS, which are not listed, reach the guest',
    property: 'listed-fields-decide',
    scope: one,
    within: 2,
    calls: [plug('dev0'), BOOT],
    says: 'does not list IDR0.VMID16, IDR5.OAS',
  },
  {
    what: 'registers: TERM_MODEL is 0 whatever the host has',
    property: 'attached-device-within-vsmmu',
    scope: one,
    within: 2,
    calls: [plug('dev0'), BOOT],
    says: 'is promised what smmu0 has not: IDR0.TERM_MODEL=0 (the pSMMU: 1)',
  },
  {
    what: 'plug: a device that comes later bypasses, whatever GBPA says',
    property: 'earlier-configuration-applies',
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, GBPA_ABORTS, plug('dev1', { vsid: 1 })],
    says: 'was configured for abort before it came, and sees bypass',
  },
  {
    what: 'plug: a device that comes later bypasses, whatever its entry says',
    property: 'earlier-configuration-applies',
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, cr0(ENABLED), plug('dev1', { vsid: 1 })],
    says: 'was configured for abort before it came, and sees bypass',
  },
  {
    what: 'smmuen: set over a table of zeros, a device keeps bypassing',
    property: ASKED,
    scope: one,
    within: 3,
    calls: [plug('dev0'), BOOT, cr0(ENABLED)],
    says: 'should see abort, and sees bypass',
  },
  {
    what: 'smmuen: one entry that cannot be read leaves those after it as they are',
    property: ASKED,
    scope: one,
    calls: [
      plug('dev0'),
      plug('dev1', { vsid: 64 }),
      BOOT,
      register('STRTAB_BASE_CFG', TABLE.twoLevels),
      guest('storeGuest', { address: L1.address, words: [NOWHERE, L1.descriptor] }),
      guest('writeSte', { vsid: 64, words: STES.stage1 }),
      cr0(COMMANDS),
      issue(COMMAND.cfgiSte, encodeCommand('CFGI_STE', { StreamID: 64, Leaf: 1 })),
      GBPA_ABORTS,
      cr0(ENABLED | COMMANDS),
    ],
    says: 'dev1 (vSMMU 0 of vm0, StreamID 0x40) should see stage 1 by 0x4000b,0x0, and sees abort',
  },
  {
    what: 'gbpa: ABORT at boot does not stop a device',
    property: ASKED,
    scope: one,
    within: 3,
    calls: [plug('dev0'), BOOT, GBPA_ABORTS],
    says: 'should see abort, and sees bypass',
  },
  refused('a bit that is the software’s own', 1n << 20n),
  refused('MEV', 1n << 19n),
  refused('SHCFG', 1n << 44n),
  {
    what: 'table: an entry in memory that does not answer stops the queue',
    property: STOPS,
    scope: one,
    within: 5,
    calls: [plug('dev0'), BOOT, register('STRTAB_BASE', 0n), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    says: 'stops at CFGI_STE',
  },
  ignored('CFGI_ALL', COMMAND.cfgiAll),
  ignored('CFGI_STE_RANGE', encodeCommand('CFGI_STE_RANGE', { Range: 0 })),
  {
    what: 'ste: between two of them the device aborts',
    property: 'replacement-is-hitless',
    scope: one,
    within: 7,
    calls: [
      plug('dev0'),
      BOOT,
      storeSte(STES.stage1),
      cr0(ENABLED | COMMANDS),
      issue(COMMAND.cfgiSte),
      issue(COMMAND.cfgiSte),
    ],
    says: 'abort',
  },
  ...(['CFGI_CD', 'CFGI_CD_ALL'] as const).map((name) => ({
    what: `commands: ${name} of a StreamID without a device stops the queue`,
    property: STOPS,
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, cr0(COMMANDS), issue(encodeCommand(name, { StreamID: 5 }))],
    says: `stops at ${name}`,
  })),
  ...(['STRTAB_BASE', 'CMDQ_BASE', 'CMDQ_CONS', 'EVENTQ_BASE', 'EVENTQ_PROD'] as const).map((name) => ({
    what: `registers: ${name} can be written in use`,
    property: 'register-writes-take-effect',
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, cr0(ENABLED | EVENTS | COMMANDS), register(name, 0x4001_0000n)],
    says: `${name} is 0x40010000 after the write`,
  })),
  {
    what: 'commands: ATC_INV of a Secure stream is taken',
    property: STOPS,
    scope: 'guest-words',
    calls: [plug('dev0'), plug('dev1', { vsmmu: 1 }), BOOT, cr0(COMMANDS), issue(COMMAND.atcInvSecure)],
    says: 'consumes ATC_INV SSec=1',
  },
  {
    what: 'growth: every StreamID that a CFGI_STE names is kept',
    property: 'vsmmu-state-is-bounded',
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, cr0(COMMANDS), issue(COMMAND.cfgiSteOfNone)],
    says: 'remembers StreamID 0x5',
  },
  {
    what: 'growth: and so are those beyond the table, before they are looked at',
    property: 'vsmmu-state-is-bounded',
    scope: one,
    within: 4,
    calls: [
      plug('dev0'),
      BOOT,
      cr0(COMMANDS),
      issue(encodeCommand('CFGI_STE', { StreamID: 0xffff_ffff, Leaf: 1 })),
    ],
    says: 'remembers StreamID 0xffffffff',
  },
  {
    what: 'leak: objects of a vIOMMU that could not be completed stay',
    property: 'refused-plug-leaves-no-trace',
    scope: 'guest-words',
    within: 2,
    calls: [plug('dev0'), plug('dev2', { vsmmu: 1 })],
    says: 'plug was refused with EOPNOTSUPP, yet the kernel has changed',
  },
];
