import { decode } from '../../../spec/bits.ts';
import type { IdRegisterValues } from '../../../spec/smmuv3/id-registers.ts';
import { cr0, cr2, gbpa, StreamTableFormat, strtabBaseCfg } from '../../../spec/smmuv3/registers.ts';
import type { StreamConfiguration } from '../architecture/configuration.ts';
import { type Implementation, implementationOf } from '../architecture/implementation.ts';
import type { SmmuArchitectureRules } from '../architecture/rules.ts';
import { type StreamTable, streamTableOf } from '../architecture/stream-table.ts';
import type { Tlb } from './tlb.ts';

/** Where STEs come from: the stream table in memory, or words installed one by one by whoever owns the table. */
export type SteSource =
  | { readonly kind: 'memory'; readonly table: StreamTable }
  | { readonly kind: 'installed'; readonly entries: Readonly<Record<number, readonly bigint[]>> };

/** A queue's size and indices; an index counts modulo twice the size, its top bit being the wrap bit. */
export interface Queue {
  readonly log2Size: number;
  readonly prod: number;
  readonly cons: number;
}

/**
 * QEMU's emulated SMMUv3 as a deterministic machine: the registers that matter to translation, the configuration cache, and
 * the translation cache. It keeps what it cached until it is invalidated, and executes commands as they come.
 */
export interface QemuSmmu {
  readonly implementation: Implementation;
  readonly enabled: boolean;
  readonly commandsEnabled: boolean;
  readonly eventsEnabled: boolean;
  /** CR2.RECINVSID. */
  readonly recordsBadStreamIds: boolean;
  readonly gbpa: number;
  readonly gerror: number;
  readonly gerrorn: number;
  readonly commandQueue: Queue & { readonly error: number };
  /** Commands in the queue that are not executed yet: it is disabled, or an error has stopped it before the first of them. */
  readonly waiting: readonly (readonly bigint[])[];
  readonly eventQueue: Queue & { readonly overflowed: boolean };
  readonly stes: SteSource;
  /** Decoded STE and CD by StreamID. */
  readonly configurations: Readonly<Record<number, StreamConfiguration>>;
  readonly tlb: Tlb;
}

/** GBPA.SHCFG = 1: use the incoming shareability. */
const GBPA_RESET = 0x1000;
const LARGEST_QUEUE = 19;

/** An SMMU after reset, its STEs in memory at address 0 until STRTAB_BASE is written. */
export function reset(registers: IdRegisterValues): QemuSmmu {
  return {
    implementation: implementationOf(registers),
    enabled: false,
    commandsEnabled: false,
    eventsEnabled: false,
    recordsBadStreamIds: false,
    gbpa: GBPA_RESET,
    gerror: 0,
    gerrorn: 0,
    commandQueue: { log2Size: LARGEST_QUEUE, prod: 0, cons: 0, error: 0 },
    waiting: [],
    eventQueue: { log2Size: LARGEST_QUEUE, prod: 0, cons: 0, overflowed: false },
    stes: { kind: 'memory', table: { base: 0n, log2Size: 0, split: null } },
    configurations: {},
    tlb: [],
  };
}

/** The same once it has been in use: its stream table stays where it was, as a linear one, where a reset does not forget it. */
export function resetAgain(
  { stes }: QemuSmmu,
  registers: IdRegisterValues,
  rules: SmmuArchitectureRules,
): QemuSmmu {
  const clean = reset(registers);
  if (rules.resetForgetsTable || stes.kind !== 'memory') return clean;
  return { ...clean, stes: { kind: 'memory', table: { ...stes.table, split: null } } };
}

/** An SMMU whose driver has enabled it and its queues, with STEs to be installed. */
export function enabledSmmu(registers: IdRegisterValues): QemuSmmu {
  return {
    ...reset(registers),
    enabled: true,
    commandsEnabled: true,
    eventsEnabled: true,
    stes: { kind: 'installed', entries: {} },
  };
}

/** Puts the eight words of an STE in the place of a StreamID's. Nothing cached is dropped: that takes CMD_CFGI_STE. */
export function installSte(smmu: QemuSmmu, streamId: number, words: readonly bigint[]): QemuSmmu {
  const entries = smmu.stes.kind === 'installed' ? smmu.stes.entries : {};
  return { ...smmu, stes: { kind: 'installed', entries: { ...entries, [streamId]: words } } };
}

/** Writes CR0. Toggling SMMUEN drops nothing. */
export function writeCr0(smmu: QemuSmmu, value: number): QemuSmmu {
  const { SMMUEN, EVENTQEN, CMDQEN } = decode(cr0, [BigInt(value)]);
  return { ...smmu, enabled: SMMUEN === 1, eventsEnabled: EVENTQEN === 1, commandsEnabled: CMDQEN === 1 };
}

/** Writes CR2. */
export function writeCr2(smmu: QemuSmmu, value: number): QemuSmmu {
  return { ...smmu, recordsBadStreamIds: decode(cr2, [BigInt(value)]).RECINVSID === 1 };
}

/** Writes GBPA, which without UPDATE has no effect (IHI0070 6.3.18). */
export function writeGbpa(smmu: QemuSmmu, value: number): QemuSmmu {
  const { UPDATE } = decode(gbpa, [BigInt(value)]);
  return UPDATE === 1 ? { ...smmu, gbpa: (value & 0x7fff_ffff) >>> 0 } : smmu;
}

/** Writes STRTAB_BASE and STRTAB_BASE_CFG. */
export function writeStreamTable(
  smmu: QemuSmmu,
  base: bigint,
  configuration: number,
  rules: SmmuArchitectureRules,
): QemuSmmu {
  const table = streamTableOf(base, configuration);
  const { FMT } = decode(strtabBaseCfg, [BigInt(configuration)]);
  const kept = rules.twoLevelStays && smmu.stes.kind === 'memory' ? smmu.stes.table.split : null;
  const split = FMT === StreamTableFormat.TwoLevel ? table.split : kept;
  return { ...smmu, stes: { kind: 'memory', table: { ...table, split } } };
}

/** Writes GERRORN: acknowledges the errors whose bits then equal GERROR's. */
export function writeGerrorn(smmu: QemuSmmu, value: number): QemuSmmu {
  return { ...smmu, gerrorn: value };
}

/** Raises an error of GERROR unless it is active already. */
export function raise(smmu: QemuSmmu, error: number): QemuSmmu {
  const active = smmu.gerror ^ smmu.gerrorn;
  return { ...smmu, gerror: smmu.gerror ^ (error & ~active) };
}

/** Empties a queue and gives it 2^`log2Size` entries. */
export function resizeQueues(
  smmu: QemuSmmu,
  { commands, events }: { readonly commands: number; readonly events: number },
): QemuSmmu {
  return {
    ...smmu,
    commandQueue: { log2Size: commands, prod: 0, cons: 0, error: 0 },
    waiting: [],
    eventQueue: { log2Size: events, prod: 0, cons: 0, overflowed: false },
  };
}

/** The index after `index` of a queue of 2^`log2Size` entries. */
export function following(index: number, log2Size: number): number {
  return (index + 1) % 2 ** (log2Size + 1);
}
