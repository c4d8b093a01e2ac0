import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { encodeEvent } from '../../../spec/smmuv3/event.ts';
import {
  BOOT,
  COMMANDS,
  cr0,
  ENABLED,
  EVENTS,
  GBPA_ABORTS,
  guest,
  issue,
  operator,
  plug,
  storeSte,
} from '../../../tools/vmm-findings.ts';
import { COMMAND, L1, STES, TABLE } from '../../../tools/vmm-words.ts';
import type { Row } from './row.ts';

const ASKED = 'device-sees-what-guest-asked';
const STOPS = 'commands-stop-as-architected';
const WITHIN = 'attached-device-within-vsmmu';

const [one, words] = ['one-vsmmu', 'guest-words'];

/** CFGI_STE and SYNC. */
const reread = issue(COMMAND.cfgiSte, COMMAND.sync);

/** A device that aborts, by GBPA and then by a stream table of zeros; SMMUEN and CMDQEN are set. */
const ABORTING = [plug('dev0'), BOOT, GBPA_ABORTS, cr0(ENABLED | COMMANDS)];

/** And one whose guest has then switched its stage 1 on. */
const TRANSLATING = [...ABORTING, storeSte(STES.stage1), reread];

const register = (name: string, value: bigint) => guest('writeRegister', { register: name, value });

/** A fault of dev0's, as its pSMMU tells of it. */
const FAULT = {
  actor: 'device:dev0',
  command: 'smmuEvent',
  args: { words: encodeEvent('F_TRANSLATION', { StreamID: 0x10 }) },
} as const;

/** A device behind a pSMMU that has not what the vSMMU advertises. */
function promised(field: string, without: string): Row {
  return {
    what: `registers: ${field} is advertised, and not asked for`,
    property: WITHIN,
    scope: one,
    set: [`smmu0.${field}=${without}`],
    within: 2,
    calls: [plug('dev0'), BOOT],
    says: `is promised what smmu0 has not: ${field}=`,
  };
}

/** A device that would work, and is refused. */
function refused(field: string, value: string): Row {
  return {
    what: `registers: ${field}, which the VMM emulates, refuses a device`,
    property: 'fitting-device-can-be-hotplugged',
    scope: one,
    set: [`smmu0.${field}=${value}`],
    within: 1,
    calls: [BOOT],
    says: 'dev0 fits vSMMU 0, but plugging it was refused',
  };
}

function consumed(command: readonly bigint[], text: string): Row {
  return {
    what: `commands: ${text} is consumed`,
    property: STOPS,
    scope: one,
    within: 3,
    calls: [BOOT, cr0(COMMANDS), issue(command)],
    says: `consumes ${text}`,
  };
}

/** QEMU 11.1.3. */
export const QEMU: readonly Row[] = [
  {
    what: 'parent: two vSMMUs of a container have one VMID',
    property: 'vsmmus-have-own-tag',
    scope: words,
    kernel: 'linux-7.2',
    within: 2,
    calls: [plug('dev0'), plug('dev1', { vsmmu: 1 })],
    says: 'both use VMID',
  },
  promised('IDR3.HAD', '0'),
  promised('IDR0.ASID16', '0'),
  promised('IDR3.BBML', '0'),
  promised('IDR0.STALL_MODEL', '2'),
  refused('IDR0.ST_LEVEL', '0'),
  refused('IDR1.SIDSIZE', '8'),
  {
    what: 'registers: OAS, which is not listed, decides about a plug',
    property: 'listed-fields-decide',
    scope: one,
    within: 3,
    calls: [plug('dev0'), BOOT, plug('dev1', { vsid: 1 })],
    says: 'does not list IDR5.OAS',
  },
  {
    what: 'registers: a machine whose vSMMU has a property left to the host does not start without a device',
    property: 'boots-without-a-device',
    scope: 'odd-hosts',
    within: 1,
    calls: [BOOT],
    says: 'booting with no device behind vSMMU 0',
  },
  {
    what: 'plug: a later device stays on the nesting parent, whatever the guest asked before',
    property: 'earlier-configuration-applies',
    scope: one,
    within: 4,
    calls: [plug('dev0'), BOOT, cr0(ENABLED), plug('dev1', { vsid: 1 })],
    says: 'was configured for abort before it came, and sees bypass',
  },
  {
    what: 'plug: the first device has what GBPA says, though SMMUEN is set',
    property: 'earlier-configuration-applies',
    scope: one,
    within: 3,
    calls: [BOOT, cr0(ENABLED), plug('dev0')],
    says: 'was configured for abort before it came, and sees bypass',
  },
  {
    what: 'plug: a device behind another pSMMU is taken',
    property: 'vsmmu-on-one-psmmu',
    scope: 'mixed-host',
    within: 2,
    calls: [plug('dev0'), plug('dev3', { vsid: 1 })],
    says: 'is on smmu0, dev3 (vSMMU 0 of vm0, StreamID 0x1) on smmu2',
  },
  {
    what: 'smmuen: set over a table of zeros, a device keeps bypassing',
    property: ASKED,
    scope: one,
    within: 3,
    calls: [BOOT, plug('dev0'), cr0(ENABLED)],
    says: 'should see abort, and sees bypass',
  },
  {
    what: 'smmuen: cleared, a device keeps translating',
    property: ASKED,
    scope: one,
    calls: [...TRANSLATING, cr0(COMMANDS)],
    says: 'should see abort, and sees stage 1',
  },
  {
    what: 'gbpa: written while SMMUEN is set, it takes a device off its stage 1',
    property: ASKED,
    scope: one,
    calls: [...TRANSLATING, guest('writeGbpa', { value: 2 ** 31 })],
    says: 'should see stage 1 by 0x4000b,0x0, and sees bypass',
  },
  {
    what: 'gbpa: written while SMMUEN is set, it takes a device off its abort',
    property: ASKED,
    scope: one,
    within: 6,
    calls: [...ABORTING, guest('writeGbpa', { value: 2 ** 31 })],
    says: 'should see abort, and sees bypass',
  },
  {
    what: 'ste: EATS goes to the kernel though the vSMMU has no ATS',
    property: ASKED,
    scope: words,
    calls: [...ABORTING, storeSte(STES.ats), reread],
    says: 'should see stage 1 by 0x4000b,0x0, and sees stage 1 by 0x4000b,0x10000000',
  },
  {
    what: 'ste: S1CDMax goes to the kernel though the vSMMU has no substreams',
    property: ASKED,
    scope: words,
    calls: [...ABORTING, storeSte(STES.substreams), reread],
    says: 'should see stage 1 by 0x4000b,0x0, and sees stage 1 by 0x80000000004000b,0x0',
  },
  ...(['EATS=2', 'ContextPtr beyond 52 bits'] as const).map((what) => ({
    what: `ste: ${what}, which is IGNORED, makes the kernel refuse it`,
    property: STOPS,
    scope: one,
    within: 5,
    calls: [
      plug('dev0'),
      BOOT,
      storeSte(what === 'EATS=2' ? STES.splitAts : [(STES.stage1[0] ?? 0n) | (1n << 55n), 0n]),
      cr0(ENABLED | COMMANDS),
      issue(COMMAND.cfgiSte),
    ],
    says: 'stops at CFGI_STE',
  })),
  {
    what: 'table: with Span 0 a device keeps the entry that is gone',
    property: ASKED,
    scope: one,
    calls: [
      plug('dev0'),
      BOOT,
      register('STRTAB_BASE_CFG', TABLE.twoLevels),
      guest('storeGuest', { address: L1.address, words: [L1.descriptor] }),
      GBPA_ABORTS,
      cr0(ENABLED | COMMANDS),
      storeSte(STES.stage1),
      reread,
      guest('storeGuest', { address: L1.address, words: [0n] }),
      reread,
    ],
    says: 'should see abort, and sees stage 1',
  },
  {
    what: 'table: beyond LOG2SIZE a device keeps the entry that is gone',
    property: ASKED,
    scope: one,
    calls: [
      plug('dev0', { vsid: 2 }),
      BOOT,
      GBPA_ABORTS,
      cr0(ENABLED | COMMANDS),
      guest('writeSte', { vsid: 2, words: STES.stage1 }),
      issue(encodeCommand('CFGI_STE', { StreamID: 2, Leaf: 1 })),
      register('STRTAB_BASE_CFG', 1n),
      issue(encodeCommand('CFGI_STE', { StreamID: 2, Leaf: 1 }), COMMAND.sync),
    ],
    says: 'should see abort, and sees stage 1',
  },
  {
    what: 'ste: an illegal one stops the queue',
    property: STOPS,
    scope: one,
    within: 5,
    calls: [plug('dev0'), BOOT, storeSte(STES.stage2), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    says: 'stops at CFGI_STE',
  },
  consumed(COMMAND.resume, 'RESUME'),
  consumed(encodeCommand('STALL_TERM'), 'STALL_TERM'),
  consumed(encodeCommand('PRI_RESP'), 'PRI_RESP'),
  consumed(COMMAND.tlbiEl2, 'TLBI_EL2_ALL'),
  consumed(encodeCommand('TLBI_EL2_VA'), 'TLBI_EL2_VA'),
  consumed(encodeCommand('TLBI_EL3_ALL'), 'TLBI_EL3_ALL'),
  consumed(COMMAND.atcInv, 'ATC_INV'),
  consumed(COMMAND.syncReserved, 'SYNC'),
  {
    what: 'table: FMT of two levels is never forgotten',
    property: ASKED,
    scope: one,
    calls: [
      plug('dev0'),
      BOOT,
      register('STRTAB_BASE_CFG', TABLE.twoLevels),
      register('STRTAB_BASE_CFG', TABLE.linear),
      GBPA_ABORTS,
      cr0(ENABLED | COMMANDS),
      storeSte(STES.stage1),
      reread,
    ],
    says: 'should see stage 1 by 0x4000b,0x0, and sees abort',
  },
  ...(['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE'] as const).map((name) => ({
    what: `registers: ${name} can be written in use`,
    property: 'register-writes-take-effect',
    scope: one,
    within: 3,
    calls: [BOOT, cr0(ENABLED | COMMANDS | EVENTS), register(name, 0x4001_0000n)],
    says: `${name} is 0x40010000 after the write`,
  })),
  {
    what: 'events: for a queue that is disabled, GERROR',
    property: 'lost-events-as-architected',
    scope: one,
    calls: [
      plug('dev0'),
      BOOT,
      cr0(ENABLED | EVENTS | COMMANDS),
      issue(COMMAND.cfgiSte),
      cr0(0),
      FAULT,
      guest('readEvents'),
    ],
    says: 'raises GERROR.EVENTQ_ABT_ERR',
  },
  {
    what: 'events: for a queue that is full, GERROR',
    property: 'lost-events-as-architected',
    scope: one,
    calls: [
      plug('dev0'),
      BOOT,
      register('EVENTQ_BASE', 0x4000_c000n),
      cr0(ENABLED | EVENTS | COMMANDS),
      issue(COMMAND.cfgiSte),
      FAULT,
      operator('serveEvents', {}),
      FAULT,
      operator('serveEvents', {}),
    ],
    says: 'raises GERROR.EVENTQ_ABT_ERR',
  },
  {
    what: 'unplug: on the nesting parent for a moment',
    property: 'moves-open-nothing',
    scope: one,
    within: 4,
    calls: [BOOT, plug('dev0'), GBPA_ABORTS, operator('unplug', { device: 'dev0' })],
    says: 'bypass',
  },
  {
    what: 'renumber: the vDEVICE has the old StreamID',
    property: STOPS,
    scope: one,
    within: 6,
    calls: [
      plug('dev0'),
      BOOT,
      cr0(COMMANDS),
      issue(COMMAND.cfgiSte),
      guest('renumber', { device: 'dev0', to: 1 }),
      issue(COMMAND.cfgiCd),
    ],
    says: 'stops at CFGI_CD',
  },
];
