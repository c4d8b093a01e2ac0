import { intended, type Override } from '../../../model/rules.ts';
import { findSte } from '../../../model/vmm/table.ts';
import { decode, update } from '../../../spec/bits.ts';
import {
  aidr,
  type IdRegisterValues,
  idr0,
  idr1,
  idr5,
  TranslationTableFormat,
  TtEndian,
} from '../../../spec/smmuv3/id-registers.ts';
import { strtabBaseCfg } from '../../../spec/smmuv3/registers.ts';
import { meaningOfSte } from '../../../spec/vsmmu/guest-ste.ts';
import { specifiedRegisters } from '../../../spec/vsmmu/registers.ts';

/*
 * OpenVMM 1488a37b7cfe (2026-08-21), read and not run. What the design is, then what a guest is promised otherwise.
 */

const READ = 'OpenVMM 1488a37b7cfe, read';

const only = ([word = 0n]: readonly bigint[]): number => Number(word);

/** Queues have 256 entries at most. */
const QUEUE_LOG2SIZE = 8;

/** Linear stream tables, 4 KiB pages, no ranges, no substreams, no ATS; version 3.3. */
function registersOf(base: IdRegisterValues): IdRegisterValues {
  const word = (value: number): readonly bigint[] => [BigInt(value)];
  return {
    ...base,
    IDR0: only(update(idr0, word(base.IDR0), { ST_LEVEL: 0, ATS: 0 })),
    IDR1: only(update(idr1, word(base.IDR1), { CMDQS: QUEUE_LOG2SIZE, EVENTQS: QUEUE_LOG2SIZE })),
    IDR3: 0,
    IDR5: only(update(idr5, word(base.IDR5), { GRAN16K: 0, GRAN64K: 0 })),
    AIDR: only(update(aidr, word(base.AIDR), { ArchMinorRev: 3 })),
  };
}

export const openvmmRegisters: Override = {
  name: 'openvmm-registers',
  kind: 'design',
  summary: "OpenVMM's ID registers, and a vEVENTQ of 256 events with the vIOMMU",
  source: `${READ}: vm/devices/iommu/smmu/src/emulator.rs`,
  rules: {
    vmm: {
      registers: (properties) => registersOf(specifiedRegisters({ ...properties, ril: false, ssidSize: 0 })),
      veventqDepth: () => 256,
      queuesAreAligned: false,
    },
  },
};

/** manager.rs select_nesting_parent(): any live parent of the IOAS that takes a vIOMMU. */
export const liveParentShared: Override = {
  name: 'live-parent-shared',
  kind: 'deviation',
  summary: 'a vSMMU uses any nesting parent of the machine that accepts it, and so on Linux shares its VMID',
  source: `${READ}: vfio_assigned_device/src/manager.rs: select_nesting_parent()`,
  rules: { vmm: { parentIs: 'shared' } },
};

interface Caps {
  readonly oas: number;
  readonly granule4K: number;
  readonly ttf: number;
  readonly ttendian: number;
}

function capsOf({ IDR0, IDR5 }: IdRegisterValues): Caps {
  const first = decode(idr0, [BigInt(IDR0)]);
  const last = decode(idr5, [BigInt(IDR5)]);
  return { oas: last.OAS, granule4K: last.GRAN4K, ttf: first.TTF, ttendian: first.TTENDIAN };
}

function objections(vsmmu: IdRegisterValues, host: IdRegisterValues | null): readonly string[] {
  if (host === null) return ['no SMMUv3'];
  const caps = capsOf(host);
  const found: string[] = [];
  if (caps.ttf === TranslationTableFormat.AArch32) found.push('no AArch64 tables');
  if (caps.ttendian === TtEndian.Big) found.push('no little-endian tables');
  if (caps.granule4K === 0) found.push('no 4 KiB granule');
  if (decode(idr5, [BigInt(vsmmu.IDR5)]).OAS > caps.oas) found.push(`OAS (the pSMMU: ${caps.oas})`);
  return found;
}

/** shared.rs resolve_host_caps(): four capabilities are decoded, ASID16 and the fault models are not among them. */
export const asidBitsUnchecked: Override = {
  name: 'asid-bits-unchecked',
  kind: 'deviation',
  summary: 'ASID16 of a pSMMU is not compared with the 16 bits that the vSMMU advertises',
  source: `${READ}: vm/devices/iommu/smmu/src/shared.rs: resolve_host_caps()`,
  rules: { vmm: { plugObjections: (registers, { registers: host }) => objections(registers, host) } },
};

/**
 * The first host's capabilities are kept before the attach that may fail, and must be those of every later one, wider or not;
 * they stay when the last device has left.
 */
export const firstHostPinned: Override = {
  name: 'first-host-pinned',
  kind: 'deviation',
  summary:
    'the first device that is tried, even if it is refused, fixes capabilities that every later device must match exactly',
  source: `${READ}: vm/devices/iommu/smmu/src/shared.rs: resolve_host_caps()`,
  rules: {
    vmm: {
      firstDevicePins: ({ registers }) => registers,
      plugObjections(registers, { registers: host }, _properties, pinned) {
        const found = [...objections(registers, host)];
        if (pinned === null || host === null) return found;
        const [own, first] = [capsOf(host), capsOf(pinned)];
        for (const name of ['oas', 'granule4K', 'ttf', 'ttendian'] as const)
          if (own[name] !== first[name]) found.push(`${name}=${own[name]} (the first pSMMU: ${first[name]})`);
        return found;
      },
    },
  },
};

/** emulator.rs write_gerrorn() only stores; the queue is looked at when PROD is written or CMDQEN set. */
export const acknowledgementRestartsNothing: Override = {
  name: 'acknowledgement-restarts-nothing',
  kind: 'deviation',
  summary: 'after an error, the command queue does not restart when the guest acknowledges it',
  source: `${READ}: vm/devices/iommu/smmu/src/emulator.rs: write_gerrorn(), process_cmdq()`,
  rules: { vmm: { acknowledgeRestarts: false } },
};

const SSEC = 1n << 10n;

/** process_cmdq() knows no 0x02; SSec is declared at another bit, and looked at nowhere. */
export const prefetchIsIllegal: Override = {
  name: 'prefetch-is-illegal',
  kind: 'deviation',
  summary: 'CMD_PREFETCH_ADDR stops the command queue, and a command with SSec=1 does not',
  source: `${READ}: vm/devices/iommu/smmu/src/emulator.rs, spec: CmdOpcode`,
  rules: {
    vmm: {
      commandKind(command, words, registers, enabled) {
        if (command?.name === 'PREFETCH_ADDR') return 'illegal';
        const judged: [bigint, bigint] = [words[0] & ~SSEC, words[1]];
        return intended.vmm.commandKind(command, judged, registers, enabled);
      },
      commandForKernel: (words) => words,
    },
  },
};

export const registerHalvesDropped: Override = {
  name: 'register-halves-dropped',
  kind: 'deviation',
  summary: 'a write to one half of a 64-bit register has no effect',
  source: `${READ}: vm/devices/iommu/smmu/src/emulator.rs: 32-bit writes`,
  rules: { vmm: { takesHalves: false } },
};

/** Indices that the guest can write while their queue is disabled only. */
const GUARDED: ReadonlySet<string> = new Set(['CMDQ_CONS', 'EVENTQ_PROD']);

export const tableBaseWrittenInUse: Override = {
  name: 'table-base-written-in-use',
  kind: 'deviation',
  summary: 'CR2 and the bases of the stream table and of queues can be written while they are in use',
  source: `${READ}: vm/devices/iommu/smmu/src/emulator.rs: write_reg32(), write_reg64(), which guard CMDQ_CONS and EVENTQ_PROD alone`,
  rules: {
    vmm: {
      takesWrite: (register, cr0) => !GUARDED.has(register) || intended.vmm.takesWrite(register, cr0),
    },
  },
};

const STE_LOG2 = 6n;

/** Whatever lies below the table's size in STRTAB_BASE.ADDR is taken for a part of its address. */
export const tableBaseNotAligned: Override = {
  name: 'table-base-not-aligned',
  kind: 'deviation',
  summary: 'STRTAB_BASE is used as written, not aligned to the size of the stream table',
  source: `${READ}: vm/devices/iommu/smmu/src/shared.rs`,
  rules: {
    vmm: {
      findSte(table, sidSize, streamId, read) {
        const { LOG2SIZE } = decode(strtabBaseCfg, [BigInt(table.STRTAB_BASE_CFG)]);
        const below = table.STRTAB_BASE & ((1n << (BigInt(LOG2SIZE) + STE_LOG2)) - 1n) & 0xf_ffff_ffff_ffc0n;
        return findSte(table, sidSize, streamId, (address) => read(address + below));
      },
    },
  },
};

/** What it makes of an entry on purpose: only fields that mean something, by the registers that it advertises. */
export const openvmmCanonicalStes: Override = {
  name: 'openvmm-canonical-stes',
  kind: 'design',
  summary: 'an STE reaches the kernel with the fields that mean something, an illegal one as an abort',
  source: `${READ}: vfio_assigned_device/src/iommufd_nesting.rs`,
  rules: { vmm: { readsSte: meaningOfSte, illegalSte: 'abort' } },
};

/** OpenVMM's vSMMU, as of 2026-08. */
export const vmmOpenvmm: readonly Override[] = [
  openvmmRegisters,
  openvmmCanonicalStes,
  liveParentShared,
  asidBitsUnchecked,
  firstHostPinned,
  acknowledgementRestartsNothing,
  prefetchIsIllegal,
  registerHalvesDropped,
  tableBaseWrittenInUse,
  tableBaseNotAligned,
];
