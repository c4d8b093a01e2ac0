import type { Command } from '../../spec/smmuv3/command.ts';
import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import { commandMeant, legalityOf } from '../../spec/vsmmu/guest-command.ts';
import { meaningOfSte, type SteMeaning } from '../../spec/vsmmu/guest-ste.ts';
import { specifiedRegisters, type VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { ReadMemory64 } from '../smmu/architecture/access.ts';
import type { Words } from '../world/command.ts';
import { type ControlName, guardedBy } from './control.ts';
import type { BackStep, FreeStep, InstallStep, PlugStep, UnplugStep } from './steps.ts';
import { findSte, type SteFound, type TableRegisters } from './table.ts';
import type { HostIommu } from './vm.ts';

/** A physical IOMMU in front of a device that is plugged. */
export interface PresentIommu extends HostIommu {
  /** Whether the device is behind the vSMMU in question; else behind another one of the machine. */
  readonly here: boolean;
}

/** The decision points that choose one of a few words, with the words. */
export const VMM_CHOICES = {
  vsmmuAsksWithoutDevice: ['nothing', 'iommu-id', 'driver'],
  plugConfigures: ['as-asked', 'as-gbpa', 'bypass', 'nothing'],
  startConfigures: ['nothing', 'as-gbpa'],
  parentIs: ['own', 'shared', 'container'],
  missingSte: ['abort', 'previous', 'error'],
  illegalSte: ['abort', 'error', 'kernel'],
  refusedSte: ['abort', 'previous'],
  refusedSteTells: ['nothing', 'event'],
  enableConfigures: ['all', 'named', 'none'],
  disableConfigures: ['all', 'named', 'none'],
  gbpaConfigures: ['all', 'named', 'none'],
  resetConfigures: ['all', 'as-gbpa'],
  streamsFrom: ['oldest', 'newest'],
  fullQueue: ['overflow', 'error'],
  disabledQueue: ['nothing', 'error'],
  hostLoss: ['nothing', 'overflow'],
  commandKind: ['host', 'configuration', 'nothing', 'illegal'],
} as const;

type Choice<Point extends keyof typeof VMM_CHOICES> = (typeof VMM_CHOICES)[Point][number];

/** What a command of a guest's is for its VMM. */
export type CommandKind = Choice<'commandKind'>;

/** The decision points of the VMM. */
export interface VmmRules {
  // where a vSMMU's ID registers come from
  /** The ID registers of a vSMMU, from what the operator said and the machine's devices; null: undecided. */
  registers(properties: VsmmuProperties, present: readonly PresentIommu[]): IdRegisterValues | null;
  /** What else is asked when that is undecided at boot. */
  readonly asksWithoutDevice: Choice<'vsmmuAsksWithoutDevice'>;
  /** Whether a machine may only boot once the registers of all its vSMMUs are decided. */
  readonly bootNeedsRegisters: boolean;
  /** Whether a process may ask an IOMMU's driver without holding a device of it. */
  readonly driverAnswersWithoutDevice: boolean;
  /** What of a device's pSMMU the first device fixes for all that come later, before it is known whether that one stays; null: nothing. */
  firstDevicePins(iommu: HostIommu): IdRegisterValues | null;

  // plug and unplug
  /** The order of a plug. */
  readonly plugSteps: readonly PlugStep[];
  /** The order in which a vSMMU's part of a pSMMU is made. */
  readonly backSteps: readonly BackStep[];
  /** Why a device behind this IOMMU cannot be behind a vSMMU with these registers; none: it can. */
  plugObjections(
    registers: IdRegisterValues,
    iommu: HostIommu,
    properties: VsmmuProperties,
    pinned: IdRegisterValues | null,
  ): readonly string[];
  /** Whether a device that cannot be nested is taken all the same, its stage 1 emulated. */
  readonly emulatesWhatCannotNest: boolean;
  /** On which nesting parent a vSMMU's vIOMMU is: one of its own, any of the machine's that takes it, or the device's container's. */
  readonly parentIs: Choice<'parentIs'>;
  /** What a device that is plugged is put on: what the guest asked for, what GBPA says, bypass, or what VFIO put it on. */
  plugConfigures(isFirst: boolean): Choice<'plugConfigures'>;
  /** What starting a machine puts its devices on. */
  readonly startConfigures: Choice<'startConfigures'>;
  /** Whether the kernel is asked of every device if it may be nested, and not of a vSMMU's first only. */
  readonly asksIfDeviceNests: boolean;
  /** Whether a device gets its vDEVICE at plug, or only when a CFGI_STE names it. */
  readonly vdeviceAtPlug: boolean;
  /** Whether a plug that fails undoes what it did. */
  readonly failedPlugUndoes: boolean;
  /** Whether parts of a pSMMU that come to nothing are given back. */
  readonly failedBackUndoes: boolean;
  /** The order of an unplug. */
  readonly unplugSteps: readonly UnplugStep[];
  /** The order in which a vSMMU's part of a pSMMU is given back. */
  readonly freeSteps: readonly FreeStep[];
  /** Whether an unplugged device's file is closed. */
  readonly unplugClosesDevice: boolean;
  /** Whether a device whose StreamID changes gets a vDEVICE for the new one. */
  readonly renumberMakesVdevice: boolean;
  /** Whether a StreamID that a device had still finds it. */
  readonly oldStreamsAnswer: boolean;
  /** Whether a VMM that the kernel refused something says what. */
  readonly tellsKernelRefusal: boolean;

  /** Where a guest finds its ID registers: by offset, what it reads there (IHI0070 6.3). */
  idRegisterAt(offset: number, registers: IdRegisterValues): number;
  /** Whether a read of the kernel's event queue that gives nothing is taken for one event more. */
  readonly emptyReadIsEvent: boolean;
  // streams
  /** The entry of a StreamID in the guest's stream table. */
  findSte(table: TableRegisters, sidSize: number, streamId: number, read: ReadMemory64): SteFound;
  /** What an entry asks for, by the vSMMU's own ID registers. */
  readsSte(words: Words, registers: IdRegisterValues): SteMeaning;
  /** What the kernel is given of an entry with stage 1. */
  steForKernel(words: Words, registers: IdRegisterValues): Words;
  /** What becomes of a device whose entry is not there, or in memory that does not answer. */
  missingSte(fetchFailed: boolean): Choice<'missingSte'>;
  /** What becomes of a device whose entry is illegal. */
  readonly illegalSte: Choice<'illegalSte'>;
  /** What becomes of a device whose entry the kernel refuses. */
  readonly refusedSte: Choice<'refusedSte'>;
  /** What a guest is told of that, other than by its command queue. */
  readonly refusedSteTells: Choice<'refusedSteTells'>;
  /** The order in which a device is put on what its entry says. */
  readonly installSteps: readonly InstallStep[];
  /** Whether CFGI_STE does something while SMMUEN is 0. */
  readonly configuresWhileDisabled: boolean;
  /** Whether CFGI_STE_RANGE and CFGI_ALL do something. */
  readonly rangeConfigures: boolean;
  /** Whether the streams after one that cannot be configured are configured. */
  readonly configuringContinues: boolean;
  /** In which order devices are configured when several are. */
  readonly streamsFrom: Choice<'streamsFrom'>;
  /** Which devices SMMUEN is for when it is set: all, or those that a CFGI_STE named. */
  readonly enableConfigures: Choice<'enableConfigures'>;
  /** The same when it is cleared. */
  readonly disableConfigures: Choice<'disableConfigures'>;
  /** The same of a write to GBPA. */
  gbpaConfigures(enabled: boolean): Choice<'gbpaConfigures'>;
  /** Whether a write to GBPA needs UPDATE. */
  readonly gbpaNeedsUpdate: boolean;
  /** Whether the HWPT of an STE goes when GBPA takes its place. */
  readonly gbpaFreesHwpt: boolean;
  /** Whether every StreamID that a CFGI_STE names is remembered. */
  readonly namesAreKept: boolean;

  // command queue
  /** What a command is, by the vSMMU's registers. */
  commandKind(
    command: Command | undefined,
    words: CommandPair,
    registers: IdRegisterValues,
    enabled: boolean,
  ): CommandKind;
  /** What the kernel is given of a command. */
  commandForKernel(words: CommandPair, registers: IdRegisterValues): CommandPair;
  /** Whether commands for StreamIDs without a nested device are handed on. */
  readonly handsOnForeignStreams: boolean;
  /** How many invalidations are handed to the kernel together at most. */
  readonly mostInBatch: number;
  /** Whether acknowledging a command error makes the queue go on. */
  readonly acknowledgeRestarts: boolean;

  // registers
  /** Whether a write to a register is taken, while CR0 has this value. */
  takesWrite(register: ControlName, cr0: number): boolean;
  /** Whether a queue begins at a multiple of its size, whatever its base says (IHI0070 6.3.26). */
  readonly queuesAreAligned: boolean;
  /** Whether the halves of 64-bit registers can be written. */
  readonly takesHalves: boolean;

  // events
  /** Whether the vEVENTQ is made with the vIOMMU, or once the guest has enabled its event queue. */
  readonly veventqAtOnce: boolean;
  /** How many events the kernel keeps. */
  veventqDepth(log2Size: number): number;
  /** How many bytes are asked of it at once. */
  readonly eventBytes: number;
  /** What an event that finds the guest's queue full becomes. */
  readonly fullQueue: Choice<'fullQueue'>;
  /** What an event that finds it disabled becomes. */
  readonly disabledQueue: Choice<'disabledQueue'>;
  /** What the guest is told of events that the kernel lost. */
  readonly hostLoss: Choice<'hostLoss'>;

  // reset and migration
  /** Whether a system reset puts a vSMMU's registers back. */
  readonly resetClearsRegisters: boolean;
  /** What devices are put on after it: what the guest asks, which is GBPA; or GBPA, the HWPTs of STEs kept. */
  readonly resetConfigures: Choice<'resetConfigures'>;
  /** Whether events from before a reset are thrown away. */
  readonly resetDrainsEvents: boolean;
  /** What a machine takes along of what its guest set up. */
  readonly migrationKeepsGuestState: boolean;
}

/** Commands that a pSMMU may have cached something for. */
function intendedKind(
  command: Command | undefined,
  words: CommandPair,
  registers: IdRegisterValues,
  enabled: boolean,
): CommandKind {
  if (command === undefined || legalityOf(words, registers) === 'illegal') return 'illegal';
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return 'configuration';
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_NSNH_ALL':
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
      return 'host';
    // Without SMMUEN it is consumed without effect (IHI0070 4.5.1).
    case 'ATC_INV':
      return enabled ? 'host' : 'nothing';
    default:
      return 'nothing';
  }
}

/** Specified by the operator, checked field by field at plug, and nothing done behind the guest's back. */
declare module '../world/rules.ts' {
  interface Rules {
    readonly vmm: VmmRules;
  }
}

export const vmmIntended: VmmRules = {
  registers: (properties) => specifiedRegisters(properties),
  asksWithoutDevice: 'nothing',
  bootNeedsRegisters: true,
  driverAnswersWithoutDevice: false,
  firstDevicePins: () => null,
  plugSteps: [
    'open-iommufd',
    'guest-memory',
    'open-device',
    'bind',
    'ask-iommu',
    'check',
    'back',
    'doorbell',
    'configure',
  ],
  backSteps: ['parent', 'viommu', 'abort', 'bypass', 'veventq'],
  plugObjections: (registers, iommu) =>
    iommu.registers === null ? ['no SMMUv3'] : fits(registers, iommu.registers).map(misfitText),
  emulatesWhatCannotNest: false,
  parentIs: 'own',
  plugConfigures: () => 'as-asked',
  startConfigures: 'nothing',
  asksIfDeviceNests: true,
  vdeviceAtPlug: true,
  failedPlugUndoes: true,
  failedBackUndoes: true,
  unplugSteps: ['detach', 'destroy-hwpt', 'destroy-vdevice', 'free-backing', 'close-device', 'close-iommufd'],
  freeSteps: ['veventq', 'abort', 'bypass', 'viommu', 'parent'],
  unplugClosesDevice: true,
  idRegisterAt: (offset, registers) => Object.values(registers)[offset >> 2] ?? 0,
  emptyReadIsEvent: false,
  renumberMakesVdevice: true,
  oldStreamsAnswer: false,
  tellsKernelRefusal: true,
  findSte: findSte,
  readsSte: meaningOfSte,
  steForKernel: (words, registers) => {
    const meant = meaningOfSte(words, registers);
    return meant.kind === 'translate' ? meant.words : words;
  },
  missingSte: () => 'abort',
  illegalSte: 'abort',
  refusedSte: 'abort',
  refusedSteTells: 'nothing',
  installSteps: ['hwpt', 'attach', 'destroy-old'],
  configuresWhileDisabled: false,
  rangeConfigures: true,
  configuringContinues: true,
  streamsFrom: 'oldest',
  enableConfigures: 'all',
  disableConfigures: 'all',
  gbpaConfigures: (enabled) => (enabled ? 'none' : 'all'),
  gbpaNeedsUpdate: true,
  gbpaFreesHwpt: true,
  namesAreKept: false,
  commandKind: intendedKind,
  commandForKernel: commandMeant,
  handsOnForeignStreams: false,
  mostInBatch: 64,
  acknowledgeRestarts: true,
  takesWrite: (register, cr0) => (guardedBy(register) & cr0) === 0,
  queuesAreAligned: true,
  takesHalves: true,
  veventqAtOnce: true,
  veventqDepth: () => 64,
  eventBytes: 4096,
  fullQueue: 'overflow',
  disabledQueue: 'nothing',
  hostLoss: 'nothing',
  resetClearsRegisters: true,
  resetConfigures: 'all',
  resetDrainsEvents: true,
  migrationKeepsGuestState: true,
};
