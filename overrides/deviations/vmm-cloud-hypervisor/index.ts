import { intended, type Override } from '../../../model/rules.ts';
import { decode, update } from '../../../spec/bits.ts';
import { aidr, type IdRegisterValues, idr0, idr1, idr3, idr5 } from '../../../spec/smmuv3/id-registers.ts';
import { SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import { EMULATED_REGISTERS } from '../../../spec/vsmmu/registers.ts';

/*
 * cloud-hypervisor's devices/src/smmuv3.rs (07addbae1c66) and devices/src/iommu/iommufd.rs (43659ea3404c), read and not run.
 * How its device manager wires them, and so plug and unplug while a machine runs, was not read: not verified.
 */

const READ = 'cloud-hypervisor 07addbae1c66, read';

const only = ([word = 0n]: readonly bigint[]): number => Number(word);

const OAS_48 = 5;

const SSEC = 1n << 10n;

/** What the first device's pSMMU has in common with what the VMM can do; whether there is ATS, that device says. */
function registersOf(host: IdRegisterValues, ats: boolean): IdRegisterValues {
  const word = (value: number): readonly bigint[] => [BigInt(value)];
  const has = {
    ...decode(idr0, word(host.IDR0)),
    ...decode(idr1, word(host.IDR1)),
    ...decode(idr5, word(host.IDR5)),
  };
  // With no granule in common both are advertised.
  const none = has.GRAN4K === 0 && has.GRAN64K === 0;
  const { IDR0, IDR1, IDR3, IDR5, AIDR } = EMULATED_REGISTERS;
  return {
    ...EMULATED_REGISTERS,
    IDR0: only(
      update(idr0, word(IDR0), {
        TERM_MODEL: 0,
        COHACC: has.COHACC,
        ASID16: has.ASID16,
        CD2L: has.CD2L,
        VMID16: has.VMID16,
        ATS: ats ? 1 : 0,
      }),
    ),
    IDR1: only(update(idr1, word(IDR1), { SSIDSIZE: has.SSIDSIZE })),
    IDR3: only(update(idr3, word(IDR3), { HAD: 0, RIL: 0, BBML: 0 })),
    IDR5: only(
      update(idr5, word(IDR5), {
        OAS: Math.min(OAS_48, has.OAS),
        GRAN4K: none ? 1 : has.GRAN4K,
        GRAN16K: 0,
        GRAN64K: none ? 1 : has.GRAN64K,
      }),
    ),
    AIDR: only(update(aidr, word(AIDR), { ArchMinorRev: 0 })),
  };
}

export const registersOfFirstDevice: Override = {
  name: 'registers-of-first-device',
  kind: 'deviation',
  summary:
    'a vSMMU copies its registers from its first device, and cannot exist without one; it may advertise a TERM_MODEL (not verified) and granules that the host lacks',
  source: `${READ}: devices/src/smmuv3.rs: Smmuv3::new(), set_host_id_regs(); that it needs a device: not verified`,
  rules: {
    vmm: {
      registers(_properties, present) {
        const first = present.find(({ here, registers }) => here && registers !== null);
        return first === undefined || first.registers === null
          ? null
          : registersOf(first.registers, first.ats);
      },
    },
  },
};

export const laterDevicesUnchecked: Override = {
  name: 'later-devices-unchecked',
  kind: 'deviation',
  summary:
    'a later device is not compared with what the vSMMU advertises; only the kernel can refuse it, at VDEVICE_ALLOC',
  source: `${READ}: devices/src/iommu/iommufd.rs: register_endpoint()`,
  rules: {
    vmm: { plugObjections: (_registers, { registers }) => (registers === null ? ['no SMMUv3'] : []) },
  },
};

export const endpointBypassesFirst: Override = {
  name: 'endpoint-bypasses-first',
  kind: 'deviation',
  summary: 'from its plug to its first CFGI_STE, a device reaches all guest memory',
  source: `${READ}: devices/src/iommu/iommufd.rs: register_endpoint(); plug while the machine runs: not verified`,
  rules: { vmm: { plugConfigures: () => 'bypass' } },
};

/** smmuv3.rs keeps the StreamIDs of CFGI_STE commands (stream_ids), of devices or not, and goes through those alone. */
export const namedStreamsKept: Override = {
  name: 'named-streams-kept',
  kind: 'deviation',
  summary: 'every StreamID that a CFGI_STE names is remembered, with or without a device, without limit',
  source: `${READ}: devices/src/smmuv3.rs: stream_ids`,
  rules: { vmm: { namesAreKept: true } },
};

export const onlyNamedStreamsConfigured: Override = {
  name: 'only-named-streams-configured',
  kind: 'deviation',
  summary:
    'SMMUEN and GBPA affect only streams that a CFGI_STE has named; if one of them fails, those after it stay as they are',
  source: `${READ}: devices/src/smmuv3.rs: CR0 and GBPA writes`,
  rules: {
    vmm: {
      namesAreKept: true,
      enableConfigures: 'named',
      disableConfigures: 'named',
      gbpaConfigures: (enabled) => (enabled ? 'none' : 'named'),
      configuringContinues: false,
    },
  },
};

/** configure_stream(), which CFGI_STE calls whatever SMMUEN is; invalidate() takes one command, all of its bits. */
export const cloudHypervisorCommands: Override = {
  name: 'cloud-hypervisor-commands',
  kind: 'design',
  summary:
    'a vEVENTQ of 64 events, one command a call and as it is, and CFGI_STE puts its stream on GBPA while SMMUEN is 0',
  source: `${READ}: devices/src/smmuv3.rs: configure_stream(), dispatch_command(); devices/src/iommu/iommufd.rs`,
  rules: {
    vmm: {
      veventqDepth: () => 64,
      mostInBatch: 1,
      commandForKernel: (words) => words,
      configuresWhileDisabled: true,
      queuesAreAligned: false,
    },
  },
};

/** dispatch_command() looks at SSec of configuration and prefetch commands. */
export const secureAtcHandedOn: Override = {
  name: 'secure-atc-handed-on',
  kind: 'deviation',
  summary: 'a CMD_ATC_INV with SSec=1 is handed on and does not stop the command queue (not verified)',
  source: `${READ}: devices/src/smmuv3.rs: dispatch_command()`,
  rules: {
    vmm: {
      commandKind(command, words, registers, enabled) {
        const isAtc = command?.name === 'ATC_INV';
        const judged: [bigint, bigint] = isAtc ? [words[0] & ~SSEC, words[1]] : [words[0], words[1]];
        return intended.vmm.commandKind(command, judged, registers, enabled);
      },
    },
  },
};

/** In version 3.0, which is what AIDR says, a write without UPDATE is UNPREDICTABLE: it is taken. */
export const gbpaWithoutUpdate: Override = {
  name: 'gbpa-without-update',
  kind: 'design',
  summary: 'a write to GBPA takes effect without UPDATE',
  source: `${READ}: devices/src/smmuv3.rs: GBPA`,
  rules: { vmm: { gbpaNeedsUpdate: false } },
};

/** Words 0 and 1 go to the kernel as they are, which refuses what is not in its list. */
export const rawSteWords: Override = {
  name: 'raw-ste-words',
  kind: 'deviation',
  summary: 'the kernel refuses an STE with SHCFG, MEV or a software-reserved bit set, and CFGI_STE fails',
  source: `${READ}: devices/src/smmuv3.rs: CFGI_STE; devices/src/iommu/iommufd.rs: install_table_entry()`,
  rules: {
    vmm: {
      readsSte(words) {
        const { V, Config } = decode(ste, words);
        if (V === 0 || (Config & SteConfig.Bypass) === 0) return { kind: 'abort' };
        if (Config === SteConfig.Bypass) return { kind: 'bypass' };
        return { kind: 'translate', words: [words[0] ?? 0n, words[1] ?? 0n] };
      },
      steForKernel: (words) => words.slice(0, 2),
      refusedSte: 'previous',
    },
  },
};

export const rangesIgnored: Override = {
  name: 'ste-ranges-ignored',
  kind: 'deviation',
  summary: 'CFGI_STE_RANGE and CFGI_ALL do nothing: devices keep the entries that they had',
  source: `${READ}: devices/src/smmuv3.rs: CFGI_STE_RANGE`,
  rules: { vmm: { rangeConfigures: false } },
};

export const replacementByAbort: Override = {
  name: 'replacement-by-abort',
  kind: 'deviation',
  summary: 'between its old and its new STE, a device is on abort',
  source: `${READ}: devices/src/iommu/iommufd.rs: install_table_entry()`,
  rules: { vmm: { installSteps: ['attach-abort', 'destroy-old', 'hwpt', 'attach'] } },
};

export const foreignStreamsHandedOn: Override = {
  name: 'foreign-streams-handed-on',
  kind: 'deviation',
  summary:
    'a CFGI_CD for a StreamID without a device goes to the kernel, which refuses it, and the queue stops',
  source: `${READ}: devices/src/smmuv3.rs: CFGI_CD, CFGI_CD_ALL`,
  rules: { vmm: { handsOnForeignStreams: true } },
};

export const failedSteFetchStops: Override = {
  name: 'failed-ste-fetch-stops',
  kind: 'deviation',
  summary:
    'an STE that cannot be read from memory stops the command queue, and its device keeps the previous one',
  source: `${READ}: devices/src/smmuv3.rs: read_ste()`,
  rules: { vmm: { missingSte: (fetchFailed) => (fetchFailed ? 'error' : 'abort') } },
};

export const failedBackingLeaks: Override = {
  name: 'failed-backing-leaks',
  kind: 'deviation',
  summary: 'if a vIOMMU cannot be completed, its nesting parent is leaked',
  source: `${READ}: devices/src/iommu/iommufd.rs: IommufdVIommu::new()`,
  rules: { vmm: { failedBackUndoes: false } },
};

/** write_reg() guards CR2 alone. */
export const queueIndexWrittenInUse: Override = {
  name: 'queue-index-written-in-use',
  kind: 'deviation',
  summary: 'STRTAB_BASE and the bases and indices of queues can be written while they are in use',
  source: `${READ}: devices/src/smmuv3.rs: write_reg()`,
  rules: {
    vmm: {
      takesWrite: (register, cr0) => register !== 'CR2' || intended.vmm.takesWrite(register, cr0),
    },
  },
};

/** Three VMMs tell a guest of events that the kernel lost in three ways. */
export const hostLossIsOverflow: Override = {
  name: 'host-loss-is-overflow',
  kind: 'design',
  summary: 'events that the kernel lost are told as an overflow of its own queue',
  source: `${READ}: devices/src/smmuv3.rs`,
  rules: { vmm: { hostLoss: 'overflow' } },
};

/** cloud-hypervisor's vSMMU, as of 2026-09. */
export const vmmCloudHypervisor: readonly Override[] = [
  registersOfFirstDevice,
  laterDevicesUnchecked,
  endpointBypassesFirst,
  namedStreamsKept,
  onlyNamedStreamsConfigured,
  cloudHypervisorCommands,
  gbpaWithoutUpdate,
  rawSteWords,
  rangesIgnored,
  replacementByAbort,
  foreignStreamsHandedOn,
  secureAtcHandedOn,
  failedSteFetchStops,
  failedBackingLeaks,
  queueIndexWrittenInUse,
  hostLossIsOverflow,
];
