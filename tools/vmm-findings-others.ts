import type { Override } from '../model/rules.ts';
import {
  endpointBypassesFirst,
  failedBackingLeaks,
  failedSteFetchStops,
  foreignStreamsHandedOn,
  laterDevicesUnchecked,
  namedStreamsKept,
  onlyNamedStreamsConfigured,
  queueIndexWrittenInUse,
  rangesIgnored,
  rawSteWords,
  registersOfFirstDevice,
  replacementByAbort,
  secureAtcHandedOn,
} from '../overrides/deviations/vmm-cloud-hypervisor/index.ts';
import {
  acknowledgementRestartsNothing,
  asidBitsUnchecked,
  firstHostPinned,
  liveParentShared,
  prefetchIsIllegal,
  registerHalvesDropped,
  tableBaseNotAligned,
  tableBaseWrittenInUse,
} from '../overrides/deviations/vmm-openvmm/index.ts';
import {
  BOOT,
  COMMANDS,
  cr0,
  ENABLED,
  type Finding,
  GBPA_ABORTS,
  guest,
  issue,
  issueOn,
  plug,
  storeSte,
} from './vmm-findings.ts';
import { COMMAND, STES } from './vmm-words.ts';

const BASE_IN_USE = guest('writeRegister', { register: 'STRTAB_BASE', value: 0x4001_0000n });

/** OpenVMM of August 2026, by severity. */
export const OPENVMM_FINDINGS: readonly Finding[] = [
  {
    deviation: liveParentShared,
    severity: 'S1',
    confidence: 'read',
    property: 'vsmmus-have-own-tag',
    scope: 'guest-words',
    kernel: 'linux-7.2',
    calls: [plug('dev0'), plug('dev1', { vsmmu: 1 })],
    report:
      'select_nesting_parent() puts a vSMMU on any live nesting parent that takes it, by design. Linux 7.2 takes a vIOMMU’s VMID from its parent, so two vSMMUs in front of one pSMMU share a VMID, and equal ASIDs of theirs meet in its TLB. QEMU does the same, and a recording of it here shows a device writing into a page of the other vSMMU’s.',
  },
  {
    deviation: acknowledgementRestartsNothing,
    severity: 'S2',
    confidence: 'read',
    property: 'enabled-queue-is-consumed',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.none, COMMAND.sync), guest('acknowledge')],
    report:
      'write_gerrorn() stores the value and does not look at the command queue. Linux answers a command error by putting a SYNC in the command’s place and writing GERRORN, and then waits for CONS to move: it does not until somebody writes CMDQ_PROD, and the CMD_SYNC times out after a second.',
  },
  {
    deviation: prefetchIsIllegal,
    severity: 'S2',
    confidence: 'read',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.prefetch)],
    report:
      'CMD_PREFETCH_ADDR (0x02) is missing from CmdOpcode and gives CERROR_ILL; it is legal in every SMMUv3. And SSec is declared at bit 8, where the architecture has bit 10, and is looked at nowhere: CFGI_CD of a Secure stream is handed on as it is, to stop the physical queue.',
  },
  {
    deviation: asidBitsUnchecked,
    severity: 'S2',
    confidence: 'read',
    property: 'attached-device-within-vsmmu',
    scope: 'mixed-host',
    calls: [BOOT, plug('dev3')],
    report:
      'Of the host four capabilities are decoded. ASID16 is not among them although the vSMMU advertises 16 bits: in front of a pSMMU with 8-bit ASIDs, ASIDs 1 and 0x101 of the guest are one. linux/iommufd.h lists it as to be compared.',
  },
  {
    deviation: registerHalvesDropped,
    severity: 'S2',
    confidence: 'read',
    property: 'register-writes-take-effect',
    scope: 'one-vsmmu',
    calls: [BOOT, guest('writeRegister', { register: 'STRTAB_BASE', value: 1n << 12n, half: 1 })],
    report:
      'A 32-bit write to one half of STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE or IRQ_CFG0 is dropped with a warning. The architecture allows 64-bit registers to be written by halves (IHI0070 6.2); a guest that does so never sets its tables. Linux uses 64-bit writes.',
  },
  {
    deviation: firstHostPinned,
    severity: 'S3',
    confidence: 'read',
    property: 'refused-plug-leaves-no-trace',
    scope: 'one-vsmmu',
    calls: [plug('dev2')],
    report:
      'resolve_host_caps() keeps the capabilities of the first device before the attach that may fail, and they stay: a plug that is refused decides what can be plugged later. Later devices must have exactly the same, so that a pSMMU that can do more is refused, also after the last device has left.',
  },
  {
    deviation: tableBaseNotAligned,
    severity: 'S3',
    confidence: 'read',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [
      BOOT,
      plug('dev0'),
      guest('writeRegister', { register: 'STRTAB_BASE', value: 0x4000_0040n }),
      storeSte(STES.stage1),
      cr0(ENABLED),
    ],
    report:
      'STRTAB_BASE.ADDR is used as it is. The architecture aligns a table to its size: with base 0x10040 and LOG2SIZE=8 the table is at 0x10000 (IHI0070 6.3.24).',
  },
  {
    deviation: tableBaseWrittenInUse,
    severity: 'S3',
    confidence: 'read',
    property: 'register-writes-take-effect',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(ENABLED), BASE_IN_USE],
    report:
      'STRTAB_BASE, STRTAB_BASE_CFG, CR2, CMDQ_BASE and EVENTQ_BASE can be written while what they describe is in use; CMDQ_CONS and EVENTQ_PROD are guarded. The architecture guards all of them, by SMMUEN, CMDQEN and EVENTQEN (IHI0070 6.3).',
  },
];

/** Whether a device fits is asked of none of them. */
const UNCHECKED_REGISTERS: Override = {
  ...registersOfFirstDevice,
  rules: { vmm: { ...registersOfFirstDevice.rules.vmm, ...laterDevicesUnchecked.rules.vmm } },
};

/** cloud-hypervisor of September 2026, by severity. */
export const CLOUD_HYPERVISOR_FINDINGS: readonly Finding[] = [
  {
    deviation: onlyNamedStreamsConfigured,
    severity: 'S1',
    confidence: 'read',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [plug('dev0'), BOOT, cr0(ENABLED)],
    report:
      'When SMMUEN or GBPA change, only StreamIDs that some CFGI_STE named are configured. A device that none named keeps reaching all of the guest’s memory after SMMUEN is set over an empty table, and GBPA.ABORT at boot does not stop it. The loop also ends at the first entry that cannot be read, so that StreamIDs above it keep what they had.',
  },
  {
    deviation: endpointBypassesFirst,
    severity: 'S1',
    confidence: 'not verified',
    property: 'earlier-configuration-applies',
    scope: 'one-vsmmu',
    calls: [BOOT, GBPA_ABORTS, plug('dev0')],
    inDesign: [plug('dev0'), BOOT, GBPA_ABORTS, plug('dev1', { vsid: 1 })],
    report:
      'register_endpoint() attaches the bypass HWPT whatever GBPA, SMMUEN and the STE say. If a device can come while the machine runs, which the part that was read does not say, it reaches all of the guest’s memory until its first CFGI_STE.',
  },
  {
    deviation: rangesIgnored,
    severity: 'S1',
    confidence: 'read',
    property: 'device-sees-what-guest-asked',
    scope: 'one-vsmmu',
    calls: [
      plug('dev0'),
      BOOT,
      storeSte(STES.bypass),
      cr0(ENABLED | COMMANDS),
      storeSte(STES.invalid),
      issue(COMMAND.cfgiAll, COMMAND.sync),
    ],
    report:
      'CFGI_STE_RANGE and CFGI_ALL are consumed as no-ops, since no STE is cached. The HWPT that is attached is that cache: after CFGI_ALL and SYNC the device goes on by an entry that is gone.',
  },
  {
    deviation: namedStreamsKept,
    severity: 'S1',
    confidence: 'read',
    property: 'vsmmu-state-is-bounded',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(COMMANDS), issue(COMMAND.cfgiSteOfNone)],
    inDesign: [plug('dev0'), BOOT, cr0(COMMANDS), issue(COMMAND.cfgiSteOfNone)],
    report:
      'Every CFGI_STE inserts its 32-bit StreamID into a set before it is looked at, and the set is in snapshots. A guest that names all of them makes the VMM take tens of gigabytes, and each change of SMMUEN then goes through all of it under the device’s lock.',
  },
  {
    deviation: rawSteWords,
    severity: 'S2',
    confidence: 'read',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [plug('dev0'), BOOT, storeSte(STES.shareability), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    report:
      'The first two words of an STE go to the kernel as they are. It refuses every bit that is not in its list (EIO), among them SHCFG, MEV and bits that are the software’s own, all of which the architecture lets a guest set: CFGI_STE then stops the queue, and the device aborts. Linux 6.10 to 6.12 set SHCFG.',
  },
  {
    deviation: foreignStreamsHandedOn,
    severity: 'S2',
    confidence: 'read',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [plug('dev0'), BOOT, cr0(COMMANDS), issue(COMMAND.cfgiCdOfNone)],
    report:
      'CFGI_CD and CFGI_CD_ALL are handed on for every StreamID. The kernel knows those with a vDEVICE only and answers EIO, which stops the guest’s queue although the command is legal: nothing is cached of such a stream.',
  },
  {
    deviation: secureAtcHandedOn,
    severity: 'S3',
    confidence: 'not verified',
    property: 'commands-stop-as-architected',
    scope: 'guest-words',
    calls: [BOOT, guest('writeCr0', { vsmmu: 1, value: COMMANDS }), issueOn(1, COMMAND.atcInvSecure)],
    inDesign: [plug('dev0'), plug('dev1', { vsmmu: 1 }), BOOT, cr0(COMMANDS), issue(COMMAND.atcInvSecure)],
    report:
      'dispatch_command() refuses SSec in configuration and prefetch commands and not in ATC_INV, which is consumed, or while SMMUEN is 1 handed on as it is: a Non-secure queue stops at it (IHI0070 4.5.1), and so does the physical one. Read once.',
  },
  {
    deviation: replacementByAbort,
    severity: 'S2',
    confidence: 'read',
    property: 'replacement-is-hitless',
    scope: 'one-vsmmu',
    calls: [plug('dev0'), BOOT, storeSte(STES.stage1), cr0(ENABLED | COMMANDS), issue(COMMAND.cfgiSte)],
    inDesign: [
      plug('dev0'),
      BOOT,
      storeSte(STES.stage1),
      cr0(ENABLED | COMMANDS),
      issue(COMMAND.cfgiSte),
      issue(COMMAND.cfgiSte),
    ],
    report:
      'install_table_entry() attaches the abort HWPT and destroys the old one before it makes and attaches the new one. Between two STEs that differ in one word DMA aborts, where the architecture lets it see the old one or the new one. One VFIO attach replaces the HWPT without such a moment.',
  },
  {
    deviation: failedSteFetchStops,
    severity: 'S2',
    confidence: 'read',
    property: 'commands-stop-as-architected',
    scope: 'one-vsmmu',
    calls: [
      plug('dev0'),
      BOOT,
      guest('writeRegister', { register: 'STRTAB_BASE', value: 0n }),
      cr0(ENABLED | COMMANDS),
      issue(COMMAND.cfgiSte),
    ],
    report:
      'CFGI_STE of an entry whose memory does not answer gives CERROR_ILL, and the device keeps what it had. CFGI_STE does not fetch: the device’s transactions end with F_STE_FETCH. The StreamID needs no device for that.',
  },
  {
    deviation: failedBackingLeaks,
    severity: 'S3',
    confidence: 'read',
    property: 'refused-plug-leaves-no-trace',
    scope: 'guest-words',
    calls: [plug('dev0'), plug('dev2', { vsmmu: 1 })],
    report:
      'IommufdVIommu::new() does not give back the nesting parent, the vIOMMU or the HWPTs that it has made when a later step fails.',
  },
  {
    deviation: UNCHECKED_REGISTERS,
    severity: 'S3',
    confidence: 'read',
    property: 'attached-device-within-vsmmu',
    scope: 'one-vsmmu',
    calls: [plug('dev0'), BOOT],
    report:
      'The registers are those of the first device’s pSMMU, ANDed with what the VMM can do. TERM_MODEL is 0 whatever the host has; that a guest which clears CD.A by it is stopped by such a host was not verified. Where the two have no granule in common both of the VMM’s are advertised all the same. The calls show TERM_MODEL only. For granules it takes a host whose kernel has pages of 16 KiB or more, since one with 4 KiB refuses a nesting parent to a pSMMU that has 16 KiB alone (iopt_table_add_domain()). That a vSMMU needs a device to be made: not verified.',
  },
  {
    deviation: queueIndexWrittenInUse,
    severity: 'S3',
    confidence: 'read',
    property: 'register-writes-take-effect',
    scope: 'one-vsmmu',
    calls: [BOOT, cr0(COMMANDS), guest('writeRegister', { register: 'CMDQ_CONS', value: 1n })],
    inDesign: [
      plug('dev0'),
      BOOT,
      cr0(COMMANDS),
      guest('writeRegister', { register: 'CMDQ_CONS', value: 1n }),
    ],
    report:
      'STRTAB_BASE, STRTAB_BASE_CFG, CMDQ_BASE, CMDQ_CONS, EVENTQ_BASE and EVENTQ_PROD can be written while what they describe is in use; CR2 is guarded. The architecture guards all of them, by SMMUEN, CMDQEN and EVENTQEN (IHI0070 6.3).',
  },
];
