import {
  containersParentShared,
  laterDeviceNotConfigured,
  renumberKeepsVdevice,
  unplugOpensMemory,
} from '../overrides/deviations/vmm-qemu-11/plug.ts';
import {
  guardedRegistersWritten,
  lostEventIsQueueError,
  unadvertisedCommandsConsumed,
} from '../overrides/deviations/vmm-qemu-11/queues.ts';
import {
  autoAsFirstDevice,
  emulatedFieldsCompared,
  fixedFieldsUnchecked,
} from '../overrides/deviations/vmm-qemu-11/registers.ts';
import {
  gbpaAppliesWhileEnabled,
  ignoredSteFieldsPassed,
  illegalSteKeepsPrevious,
  missingSteKeepsPrevious,
  refusedSteKeepsPrevious,
  smmuenReconfiguresNothing,
  twoLevelFormatSticks,
} from '../overrides/deviations/vmm-qemu-11/streams.ts';
import { encodeEvent } from '../spec/smmuv3/event.ts';
import {
  BOOT,
  COMMANDS,
  cr0,
  ENABLED,
  EVENTS,
  type Finding,
  GBPA_ABORTS,
  guest,
  issue,
  operator,
  plug,
  storeSte,
} from './vmm-findings.ts';
import { COMMAND, L1, STES, TABLE } from './vmm-words.ts';

/** The intended VMM takes no EATS without ATS; a refused entry has to be one that the kernel refuses of it, too. */
const RAW = { vmm: { ...refusedSteKeepsPrevious.rules.vmm, ...ignoredSteFieldsPassed.rules.vmm } };

/** QEMU 11.1.3, by severity. */
export const QEMU_FINDINGS: readonly Finding[] = [
  {
    deviation: smmuenReconfiguresNothing,
    severity: 'S1',
    confidence: 'recorded',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [BOOT, plug('dev0'), cr0(ENABLED)],
    report:
      'A write to CR0 changes no attachment. A device that GBPA let bypass goes on reaching all of the guest’s memory after SMMUEN is set over an empty stream table, until the first CFGI_STE of it; and one that translates goes on by its old tables after SMMUEN is cleared. IHI0070 6.3.9 has the stream table decide from the moment that CR0ACK shows SMMUEN. Linux issues CFGI_ALL before it sets SMMUEN, so a device without a driver stays in this state.',
  },
  {
    deviation: laterDeviceNotConfigured,
    severity: 'S1',
    confidence: 'recorded',
    property: 'earlier-configuration-applies',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(ENABLED), plug('dev0')],
    report:
      'A device that is plugged into a running machine is put on what GBPA says if it is the first, whatever SMMUEN and its STE say, and stays on the nesting parent if it is not: it reaches all of the guest’s memory until the guest’s next CFGI_STE. What the guest wrote into the stream table before is not looked at. A device behind another pSMMU is taken as well, and refused only at that CFGI_STE.',
  },
  {
    deviation: gbpaAppliesWhileEnabled,
    severity: 'S1',
    confidence: 'recorded',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [BOOT, plug('dev0'), cr0(ENABLED), guest('writeGbpa', { value: 2 ** 31 })],
    report:
      'A write to GBPA with UPDATE attaches the HWPT that it names to every device also while SMMUEN is 1, when GBPA applies to nothing (IHI0070 6.3.14): devices leave their stage 1, or their abort, for all of the guest’s memory.',
  },
  {
    deviation: missingSteKeepsPrevious,
    severity: 'S1',
    confidence: 'recorded',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [
      BOOT,
      plug('dev0'),
      guest('writeRegister', { register: 'STRTAB_BASE_CFG', value: TABLE.twoLevels }),
      guest('storeGuest', { address: L1.address, words: [L1.descriptor] }),
      storeSte(STES.stage1),
      cr0(ENABLED | COMMANDS),
      guest('storeGuest', { address: L1.address, words: [0n] }),
      issue(COMMAND.cfgiSte, COMMAND.sync),
    ],
    report:
      'Where the stream table has no entry for a StreamID any longer (its L1 descriptor has Span 0, or it lies beyond LOG2SIZE), CFGI_STE answers that nothing is to be installed, and the device goes on by the entry that was there: after CFGI_STE and SYNC the guest may free tables that the device still walks.',
  },
  {
    deviation: ignoredSteFieldsPassed,
    severity: 'S1',
    confidence: 'recorded',
    property: 'device-sees-what-guest-asked',
    scope: 'guest-words',
    calls: [BOOT, plug('dev0'), storeSte(STES.ats), cr0(ENABLED)],
    report:
      'EATS and S1CDMax are handed to the kernel whatever IDR0.ATS and IDR1.SSIDSIZE of the vSMMU say, which make them IGNORED (IHI0070 5.2). With EATS=1 the host switches the device’s ATS on, while ATC_INV is consumed as a no-op: what the guest unmaps stays in the device’s ATC. With S1CDMax=1 and S1DSS=0 a host with substreams disables the stream. EATS=2, 3 and ContextPtr bits 55:52, which are to be ignored as well, make the kernel refuse the entry. Handing on the fields that mean something by the vSMMU’s own registers avoids all three.',
  },
  {
    deviation: unplugOpensMemory,
    severity: 'S2',
    confidence: 'recorded',
    property: 'moves-open-nothing',
    scope: 'one-vsmmu',
    calls: [BOOT, plug('dev0'), GBPA_ABORTS, operator('unplug', { device: 'dev0' })],
    report:
      'On unplug the device is attached to the nesting parent before anything else is taken away: until it is detached it reaches all of the guest’s memory, also if the guest had it abort or translate. Attaching the abort HWPT first costs the same call.',
  },
  {
    deviation: containersParentShared,
    severity: 'S1',
    confidence: 'recorded',
    property: 'vsmmus-have-own-tag',
    scope: 'guest-words',
    kernel: 'linux-7.2',
    calls: [plug('dev0'), plug('dev1', { vsmmu: 1 })],
    report:
      'VFIO’s container gives all devices of a pSMMU one nesting parent, and Linux 7.2 takes a vIOMMU’s VMID from its parent: two vSMMUs in front of one pSMMU then share a VMID, and equal ASIDs of theirs meet in its TLB. In the recording (two-vsmmus) a device of the second one wrote into a page that only the first one maps. A parent for each vSMMU keeps them apart; so would a VMID for each vIOMMU in the kernel.',
  },
  {
    deviation: illegalSteKeepsPrevious,
    severity: 'S2',
    confidence: 'recorded',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [BOOT, plug('dev0'), storeSte(STES.stage2), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    report:
      'CFGI_STE of an entry whose Config is illegal gives CERROR_ILL, stops the command queue, and leaves the device on the entry before. In the architecture CFGI_STE does not look at the entry: it never fails by what that holds, and the device’s transactions end with C_BAD_STE.',
  },
  {
    deviation: { ...refusedSteKeepsPrevious, rules: RAW },
    severity: 'S2',
    confidence: 'recorded',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [BOOT, plug('dev0'), storeSte(STES.splitAts), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    report:
      'The same holds of an entry that the kernel refuses, or that cannot be attached: a device of a group whose other devices have no vDEVICE, or one with two StreamIDs. The device keeps bypassing or translating by what it had, and the guest finds its queue stopped.',
  },
  {
    deviation: lostEventIsQueueError,
    severity: 'S2',
    confidence: 'recorded',
    property: 'lost-events-as-architected',
    scope: 'one-vsmmu',
    calls: [
      BOOT,
      plug('dev0'),
      {
        actor: 'device:dev0',
        command: 'smmuEvent',
        args: { words: encodeEvent('F_TRANSLATION', { StreamID: 0x10 }) },
      },
      guest('readEvents'),
    ],
    inDesign: [
      BOOT,
      plug('dev0'),
      cr0(EVENTS | COMMANDS | ENABLED),
      issue(COMMAND.cfgiSte),
      cr0(0),
      {
        actor: 'device:dev0',
        command: 'smmuEvent',
        args: { words: encodeEvent('F_TRANSLATION', { StreamID: 0x10 }) },
      },
      guest('readEvents'),
    ],
    report:
      'An event that finds the guest’s event queue full, or disabled, toggles GERROR.EVENTQ_ABT_ERR, and OVFLG is never set. GERROR is for a queue whose memory does not answer; a full one is told by EVENTQ_PROD.OVFLG (IHI0070 7.4), and a disabled one records nothing. Events that are left in the kernel after a system reset do it to a guest that has not set up its queue yet.',
  },
  {
    deviation: renumberKeepsVdevice,
    severity: 'S2',
    confidence: 'recorded',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [
      BOOT,
      plug('dev0'),
      cr0(COMMANDS),
      guest('renumber', { device: 'dev0', to: 1 }),
      issue(COMMAND.cfgiCd),
    ],
    inDesign: [
      BOOT,
      plug('dev0'),
      cr0(COMMANDS),
      issue(COMMAND.cfgiSte),
      guest('renumber', { device: 'dev0', to: 1 }),
      issue(COMMAND.cfgiCd),
    ],
    report:
      'The vDEVICE is made once and keeps its StreamID. After the guest gives the device’s bus another number, CFGI_CD for the new StreamID is refused by the kernel (EIO) and stops the queue, and events carry the old StreamID.',
  },
  {
    deviation: fixedFieldsUnchecked,
    severity: 'S2',
    confidence: 'read',
    property: 'attached-device-within-vsmmu',
    scope: 'mixed-host',
    calls: [BOOT, plug('dev3')],
    report:
      'ASID16, BBML, STALL_MODEL, HAD and COHACC are advertised with fixed values and not compared with the pSMMU’s, although linux/iommufd.h lists the first three as to be compared. On a host with 8-bit ASIDs, ASIDs 1 and 0x101 of the guest are one; on one without HAD, a table that relies on CD.HAD0 has other permissions.',
  },
  {
    deviation: emulatedFieldsCompared,
    severity: 'S3',
    confidence: 'read',
    property: 'fitting-device-can-be-hotplugged',
    scope: 'odd-hosts',
    calls: [BOOT],
    inDesign: [plug('dev0', { vsmmu: 1 }), BOOT],
    report:
      'A pSMMU whose ST_LEVEL is not 1, or whose SIDSIZE is below 16, is refused. Stream table and StreamIDs of the guest are emulated and translated (VDEVICE_ALLOC), so neither says anything of what the guest can do.',
  },
  {
    deviation: unadvertisedCommandsConsumed,
    severity: 'S3',
    confidence: 'recorded',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.resume)],
    report:
      'ATC_INV without IDR0.ATS, TLBI of EL2 and EL3, RESUME, STALL_TERM, PRI_RESP and a CMD_SYNC with the reserved CS=3 are consumed. By the vSMMU’s registers each is CERROR_ILL (IHI0070 4.1.3).',
  },
  {
    deviation: twoLevelFormatSticks,
    severity: 'S3',
    confidence: 'recorded',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [
      BOOT,
      plug('dev0'),
      guest('writeRegister', { register: 'STRTAB_BASE_CFG', value: TABLE.twoLevels }),
      guest('writeRegister', { register: 'STRTAB_BASE_CFG', value: TABLE.linear }),
      storeSte(STES.stage1),
      cr0(ENABLED),
    ],
    report:
      'STRTAB_BASE_CFG.FMT of two levels is remembered until a reset and not forgotten when the guest writes a linear format. A level 2 array is also taken to have twice the entries that its Span says, and a table’s base is not aligned to its size.',
  },
  {
    deviation: guardedRegistersWritten,
    severity: 'S3',
    confidence: 'recorded',
    property: 'register-writes-take-effect',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(ENABLED), guest('writeRegister', { register: 'STRTAB_BASE', value: 0x4001_0000n })],
    report:
      'STRTAB_BASE, STRTAB_BASE_CFG, the queues’ bases and CMDQ_CONS can be written while what they describe is in use. The architecture guards them by SMMUEN, CMDQEN and EVENTQEN (IHI0070 6.3).',
  },
  {
    deviation: autoAsFirstDevice,
    severity: 'S3',
    confidence: 'recorded',
    property: 'boots-without-a-device',
    scope: 'odd-hosts',
    calls: [BOOT],
    report:
      'With any property left at `auto`, which is the default, a machine without a cold-plugged device behind its vSMMU exits at the end of its start. It is told why, and every property can be given.',
  },
];
