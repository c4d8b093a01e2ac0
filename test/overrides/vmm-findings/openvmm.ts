import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import {
  BOOT,
  COMMANDS,
  cr0,
  ENABLED,
  EVENTS,
  guest,
  issue,
  operator,
  plug,
  storeSte,
} from '../../../tools/vmm-findings.ts';
import { COMMAND, STES } from '../../../tools/vmm-words.ts';
import type { Row } from './row.ts';

const ASKED = 'device-sees-what-guest-asked';
const STOPS = 'commands-stop-as-architected';
const WRITES = 'register-writes-take-effect';
const one = 'one-vsmmu';

function half(name: string, which: 1 | 2): Row {
  return {
    what: `registers: a write to half ${which} of ${name} is dropped`,
    property: WRITES,
    scope: one,
    within: 2,
    calls: [BOOT, guest('writeRegister', { register: name, value: 1n << 12n, half: which })],
    says: `${name} is `,
  };
}

const base = (value: bigint) => guest('writeRegister', { register: 'STRTAB_BASE', value });

/** OpenVMM 1488a37b7cfe (2026-08-21). */
export const OPENVMM: readonly Row[] = [
  {
    what: 'parent: two vSMMUs of a machine have one VMID',
    property: 'vsmmus-have-own-tag',
    scope: 'guest-words',
    kernel: 'linux-7.2',
    within: 2,
    calls: [plug('dev0'), plug('dev1', { vsmmu: 1 })],
    says: 'both use VMID',
  },
  {
    what: 'registers: IDR0.ASID16 is advertised, and not asked for',
    property: 'attached-device-within-vsmmu',
    scope: one,
    set: ['smmu0.IDR0.ASID16=0'],
    within: 2,
    calls: [plug('dev0'), BOOT],
    says: 'is promised what smmu0 has not: IDR0.ASID16=1 (the pSMMU: 0)',
  },
  {
    what: 'registers: OAS, which is not listed, decides about a plug',
    property: 'listed-fields-decide',
    scope: one,
    within: 2,
    calls: [plug('dev0'), BOOT],
    says: 'does not list IDR5.OAS',
  },
  {
    what: 'plug: a refused one fixes capabilities',
    property: 'refused-plug-leaves-no-trace',
    scope: one,
    within: 1,
    calls: [plug('dev2')],
    says: 'plug was refused with EOPNOTSUPP, yet the VMM has changed',
  },
  {
    what: 'plug: a wider host is refused because of the first',
    property: 'fitting-device-can-be-hotplugged',
    scope: 'mixed-host',
    calls: [plug('dev0', { vsmmu: 1 }), operator('unplug', { device: 'dev0' }), BOOT],
    says: 'fits vSMMU 1, but plugging it was refused',
  },
  {
    what: 'commands: an acknowledged error restarts nothing',
    property: 'enabled-queue-is-consumed',
    scope: one,
    within: 4,
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.none, COMMAND.sync), guest('acknowledge')],
    says: 'stands still',
  },
  {
    what: 'commands: PREFETCH_ADDR and SYNC, of which the first stops the queue',
    property: STOPS,
    scope: one,
    within: 3,
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.prefetch, COMMAND.sync)],
    says: 'stops at PREFETCH_ADDR',
  },
  {
    what: 'commands: and an acknowledgement, after which it stands still',
    property: 'enabled-queue-is-consumed',
    scope: one,
    within: 4,
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.prefetch, COMMAND.sync), guest('acknowledge')],
    says: 'stands still',
  },
  ...(['CFGI_CD', 'CFGI_CD_ALL', 'CFGI_STE', 'CFGI_STE_RANGE', 'PREFETCH_CONFIG'] as const).map((name) => ({
    what: `commands: ${name} of a Secure stream is taken`,
    property: STOPS,
    scope: one,
    within: 3,
    calls: [BOOT, cr0(COMMANDS), issue(encodeCommand(name, { SSec: 1 }))],
    says: `consumes ${name} SSec=1`,
  })),
  {
    what: 'commands: CFGI_CD of a Secure stream goes to the pSMMU as it is',
    property: STOPS,
    scope: one,
    kernel: 'linux-7.2',
    within: 5,
    calls: [plug('dev0'), BOOT, storeSte(STES.stage1), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiCdSecure)],
    says: 'CFGI_CD SSec=1',
  },
  ...(['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE'] as const).flatMap((name) => [half(name, 1), half(name, 2)]),
  ...(['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE'] as const).map((name) => ({
    what: `registers: ${name} can be written in use`,
    property: WRITES,
    scope: one,
    within: 3,
    calls: [
      BOOT,
      cr0(ENABLED | EVENTS | COMMANDS),
      guest('writeRegister', { register: name, value: 0x4001_0000n }),
    ],
    says: `${name} is 0x40010000 after the write`,
  })),
  {
    what: 'table: a base that is not aligned to its size is taken as it is',
    property: ASKED,
    scope: one,
    within: 5,
    calls: [plug('dev0'), BOOT, base(0x4000_0040n), storeSte(STES.stage1), cr0(ENABLED)],
    says: 'should see stage 1',
  },
];
