import type { Command } from '../../spec/smmuv3/command.ts';
import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import { commandMeant, legalityOf } from '../../spec/vsmmu/guest-command.ts';
import { meaningOfSte, type SteMeaning } from '../../spec/vsmmu/guest-ste.ts';
import { specifiedRegisters, type VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { ReadMemory64 } from '../smmu/architecture/access.ts';
import type { Words } from '../world/command.ts';
import {
  choice,
  type Declarations,
  decision,
  flag,
  intendedOf,
  type RulesOf,
  value,
} from '../world/declare.ts';
import { type ControlName, guardedBy } from './control.ts';
import type { BackStep, FreeStep, InstallStep, PlugStep, UnplugStep } from './steps.ts';
import { findSte, type SteFound, type TableRegisters } from './table.ts';
import type { HostIommu } from './vm.ts';

/** A physical IOMMU in front of a device that is plugged. */
export interface PresentIommu extends HostIommu {
  /** Whether the device is behind the vSMMU in question; else behind another one of the machine. */
  readonly here: boolean;
  /** Whether the device does ATS: GET_HW_INFO tells of a PCI function that does not (`PCI_ATS_NOT_SUPPORTED`). */
  readonly ats: boolean;
}

/** What a command of a guest's is for its VMM. */
export type CommandKind = 'host' | 'configuration' | 'nothing' | 'illegal';

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

/** The decision points of the VMM. */
export const vmmPoints = {
  // where a vSMMU's ID registers come from
  registers: decision<
    (properties: VsmmuProperties, present: readonly PresentIommu[]) => IdRegisterValues | null
  >(
    "The ID registers of a vSMMU, from what the operator said and the machine's devices; null: undecided.",
    '(properties: VsmmuProperties, present: readonly PresentIommu[]) => IdRegisterValues | null',
    (properties) => specifiedRegisters(properties),
  ),
  asksWithoutDevice: choice(
    'What a VMM asks about ID registers that are still undecided at boot: nothing, the kernel by an IOMMU id, or the driver.',
    ['nothing', 'iommu-id', 'driver'],
    'nothing',
  ),
  bootNeedsRegisters: flag(
    'Whether a machine boots only once the ID registers of all its vSMMUs are decided.',
    true,
  ),
  driverAnswersWithoutDevice: flag(
    "Whether a process may ask an IOMMU's driver without holding a device of it.",
    false,
  ),
  firstDevicePins: decision<(iommu: HostIommu) => IdRegisterValues | null>(
    'What the first device fixes, before it is known whether it stays, for all devices that come later; null: nothing.',
    '(iommu: HostIommu) => IdRegisterValues | null',
    () => null,
  ),

  // plug and unplug
  plugSteps: value<readonly PlugStep[]>('The steps of a plug, in order.', 'readonly PlugStep[]', [
    'open-iommufd',
    'guest-memory',
    'open-device',
    'bind',
    'ask-iommu',
    'check',
    'back',
    'doorbell',
    'configure',
  ]),
  backSteps: value<readonly BackStep[]>(
    "The order in which a vSMMU's objects of a pSMMU are made: nesting parent, vIOMMU, HWPTs, queue.",
    'readonly BackStep[]',
    ['parent', 'viommu', 'abort', 'bypass', 'veventq'],
  ),
  plugObjections: decision<
    (
      registers: IdRegisterValues,
      iommu: HostIommu,
      properties: VsmmuProperties,
      pinned: IdRegisterValues | null,
    ) => readonly string[]
  >(
    'Why a device behind this IOMMU cannot be put behind a vSMMU with these registers; none: it can.',
    '(registers: IdRegisterValues, iommu: HostIommu, properties: VsmmuProperties, pinned: IdRegisterValues | null) => readonly string[]',
    (registers, iommu) =>
      iommu.registers === null ? ['no SMMUv3'] : fits(registers, iommu.registers).map(misfitText),
  ),
  emulatesWhatCannotNest: flag(
    'Whether a device that cannot be nested is accepted, with its stage 1 emulated.',
    false,
  ),
  parentIs: choice(
    "Which nesting parent a vSMMU's vIOMMU is on: its own, any of the machine's that accepts it, or that of the device's container.",
    ['own', 'shared', 'container'],
    'own',
  ),
  plugConfigures: decision<(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'bypass' | 'nothing'>(
    'What a newly plugged device is attached to: what the guest asked for, what GBPA says, bypass, or what VFIO attached it to.',
    "(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'bypass' | 'nothing'",
    () => 'as-asked',
  ),
  startConfigures: choice(
    'What devices are attached to when the machine starts.',
    ['nothing', 'as-gbpa'],
    'nothing',
  ),
  asksIfDeviceNests: flag(
    "Whether the kernel is asked about every device if it can be nested, rather than about a vSMMU's first only.",
    true,
  ),
  vdeviceAtPlug: flag(
    'Whether a device gets its vDEVICE at plug, rather than when a CFGI_STE names it.',
    true,
  ),
  failedPlugUndoes: flag('Whether a failed plug undoes its steps.', true),
  failedBackUndoes: flag(
    'Whether the objects made for a vIOMMU are destroyed if a later one of them fails.',
    true,
  ),
  unplugSteps: value<readonly UnplugStep[]>('The steps of an unplug, in order.', 'readonly UnplugStep[]', [
    'detach',
    'destroy-hwpt',
    'destroy-vdevice',
    'free-backing',
    'close-device',
    'close-iommufd',
  ]),
  freeSteps: value<readonly FreeStep[]>(
    "The order in which a vSMMU's objects of a pSMMU are destroyed.",
    'readonly FreeStep[]',
    ['veventq', 'abort', 'bypass', 'viommu', 'parent'],
  ),
  unplugClosesDevice: flag("Whether an unplug closes the device's file.", true),
  renumberMakesVdevice: flag(
    'Whether a device whose StreamID changes gets a vDEVICE with the new one.',
    true,
  ),
  oldStreamsAnswer: flag('Whether a StreamID that a device had before still finds it.', false),
  tellsKernelRefusal: flag('Whether a VMM gives a reason when the kernel refuses something.', true),

  idRegisterAt: decision<(offset: number, registers: IdRegisterValues) => number>(
    'What a guest reads at the offsets of the ID registers (IHI0070 6.3).',
    '(offset: number, registers: IdRegisterValues) => number',
    (offset, registers) => Object.values(registers)[offset >> 2] ?? 0,
  ),
  emptyReadIsEvent: flag("Whether an empty read of the kernel's event queue counts as an event.", false),
  // streams
  findSte: decision<
    (table: TableRegisters, sidSize: number, streamId: number, read: ReadMemory64) => SteFound
  >(
    "Finds the STE of a StreamID in the guest's stream table.",
    '(table: TableRegisters, sidSize: number, streamId: number, read: ReadMemory64) => SteFound',
    findSte,
  ),
  readsSte: decision<(words: Words, registers: IdRegisterValues) => SteMeaning>(
    "What an STE asks for, given the vSMMU's ID registers.",
    '(words: Words, registers: IdRegisterValues) => SteMeaning',
    meaningOfSte,
  ),
  steForKernel: decision<(words: Words, registers: IdRegisterValues) => Words>(
    'The STE words that the kernel is given for an STE with stage 1.',
    '(words: Words, registers: IdRegisterValues) => Words',
    (words, registers) => {
      const meant = meaningOfSte(words, registers);
      return meant.kind === 'translate' ? meant.words : words;
    },
  ),
  missingSte: decision<(fetchFailed: boolean) => 'abort' | 'previous' | 'error'>(
    'What happens to a device whose STE is not in the table, or cannot be read.',
    "(fetchFailed: boolean) => 'abort' | 'previous' | 'error'",
    () => 'abort',
  ),
  illegalSte: choice('What happens to a device whose STE is illegal.', ['abort', 'error', 'kernel'], 'abort'),
  refusedSte: choice(
    'What happens to a device whose STE the kernel refuses.',
    ['abort', 'previous'],
    'abort',
  ),
  refusedSteTells: choice(
    'What a guest is told of an STE that the kernel refuses, other than by its command queue.',
    ['nothing', 'event'],
    'nothing',
  ),
  installSteps: value<readonly InstallStep[]>(
    'The steps by which a device is attached to what its STE says, in order.',
    'readonly InstallStep[]',
    ['hwpt', 'attach', 'destroy-old'],
  ),
  configuresWhileDisabled: flag('Whether CFGI_STE has an effect while SMMUEN is 0.', false),
  rangeConfigures: flag('Whether CFGI_STE_RANGE and CFGI_ALL have an effect.', true),
  configuringContinues: flag('Whether configuring goes on with the next stream after one that fails.', true),
  streamsFrom: choice('In which order several devices are configured.', ['oldest', 'newest'], 'oldest'),
  enableConfigures: choice(
    'Which devices are configured again when SMMUEN is set: all, or those that a CFGI_STE has named.',
    ['all', 'named', 'none'],
    'all',
  ),
  disableConfigures: choice(
    'Which devices are configured again when SMMUEN is cleared.',
    ['all', 'named', 'none'],
    'all',
  ),
  gbpaConfigures: decision<(enabled: boolean) => 'all' | 'named' | 'none'>(
    'Which devices are configured again when GBPA is written.',
    "(enabled: boolean) => 'all' | 'named' | 'none'",
    (enabled) => (enabled ? 'none' : 'all'),
  ),
  gbpaNeedsUpdate: flag('Whether a write to GBPA counts only with UPDATE set.', true),
  gbpaFreesHwpt: flag('Whether the HWPT of an STE is destroyed when GBPA takes its place.', true),
  namesAreKept: flag('Whether every StreamID that a CFGI_STE names is remembered.', false),

  // command queue
  commandKind: decision<
    (
      command: Command | undefined,
      words: CommandPair,
      registers: IdRegisterValues,
      enabled: boolean,
    ) => 'host' | 'configuration' | 'nothing' | 'illegal'
  >(
    "What a command does, given the vSMMU's ID registers.",
    "(command: Command | undefined, words: CommandPair, registers: IdRegisterValues, enabled: boolean) => 'host' | 'configuration' | 'nothing' | 'illegal'",
    intendedKind,
  ),
  commandForKernel: decision<(words: CommandPair, registers: IdRegisterValues) => CommandPair>(
    'The command words that the kernel is given.',
    '(words: CommandPair, registers: IdRegisterValues) => CommandPair',
    commandMeant,
  ),
  handsOnForeignStreams: flag(
    'Whether commands for StreamIDs without a nested device are passed to the kernel.',
    false,
  ),
  mostInBatch: value<number>(
    'How many invalidations are passed to the kernel in one call at most.',
    'number',
    64,
  ),
  refusedInvalidationStops: flag(
    'Whether the command queue stops at an invalidation that the kernel has refused, rather than going on behind all that it was given.',
    true,
  ),
  acknowledgeRestarts: flag(
    'Whether the command queue goes on after the guest has acknowledged an error.',
    true,
  ),

  // registers
  takesWrite: decision<(register: ControlName, cr0: number) => boolean>(
    'Whether a write to a register takes effect, given CR0.',
    '(register: ControlName, cr0: number) => boolean',
    (register, cr0) => (guardedBy(register) & cr0) === 0,
  ),
  queuesAreAligned: flag("Whether a queue's base is aligned to its size (IHI0070 6.3.26).", true),
  takesHalves: flag('Whether the halves of a 64-bit register can be written one by one.', true),

  // events
  veventqAtOnce: flag(
    'Whether the vEVENTQ is allocated with the vIOMMU, rather than when the guest enables its event queue.',
    true,
  ),
  veventqDepth: decision<(log2Size: number) => number>(
    'The depth of the vEVENTQ.',
    '(log2Size: number) => number',
    () => 64,
  ),
  eventBytes: value<number>('How many bytes one read of the vEVENTQ asks for.', 'number', 4096),
  fullQueue: choice(
    "What happens to an event that finds the guest's queue full.",
    ['overflow', 'error'],
    'overflow',
  ),
  disabledQueue: choice(
    "What happens to an event that finds the guest's queue disabled.",
    ['nothing', 'error'],
    'nothing',
  ),
  hostLoss: choice(
    'What the guest is told about events that the kernel lost.',
    ['nothing', 'overflow'],
    'nothing',
  ),

  // reset and migration
  resetClearsRegisters: flag("Whether a system reset resets a vSMMU's registers.", true),
  resetConfigures: choice(
    'What devices are attached to after a reset: what the guest asks for, which is GBPA; or GBPA, with the HWPTs of STEs kept.',
    ['all', 'as-gbpa'],
    'all',
  ),
  resetDrainsEvents: flag('Whether a reset discards events from before it.', true),
  takenOverPlace: decision<(first: boolean) => boolean>(
    'Whether a VMM that takes over from another process knows what a device is on: the first of those on it, and others.',
    '(first: boolean) => boolean',
    () => true,
  ),
  migrationKeepsGuestState: flag("What of a guest's settings a migration takes along.", true),
} satisfies Declarations;

export type VmmRules = RulesOf<typeof vmmPoints>;

export const vmmIntended: VmmRules = intendedOf(vmmPoints);
