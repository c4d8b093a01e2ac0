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
    'What else is asked when that is undecided at boot.',
    ['nothing', 'iommu-id', 'driver'],
    'nothing',
  ),
  bootNeedsRegisters: flag(
    'Whether a machine may only boot once the registers of all its vSMMUs are decided.',
    true,
  ),
  driverAnswersWithoutDevice: flag(
    "Whether a process may ask an IOMMU's driver without holding a device of it.",
    false,
  ),
  firstDevicePins: decision<(iommu: HostIommu) => IdRegisterValues | null>(
    "What of a device's pSMMU the first device fixes for all that come later, before it is known whether that one stays; null: nothing.",
    '(iommu: HostIommu) => IdRegisterValues | null',
    () => null,
  ),

  // plug and unplug
  plugSteps: value<readonly PlugStep[]>('The order of a plug.', 'readonly PlugStep[]', [
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
    "The order in which a vSMMU's part of a pSMMU is made.",
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
    'Why a device behind this IOMMU cannot be behind a vSMMU with these registers; none: it can.',
    '(registers: IdRegisterValues, iommu: HostIommu, properties: VsmmuProperties, pinned: IdRegisterValues | null) => readonly string[]',
    (registers, iommu) =>
      iommu.registers === null ? ['no SMMUv3'] : fits(registers, iommu.registers).map(misfitText),
  ),
  emulatesWhatCannotNest: flag(
    'Whether a device that cannot be nested is taken all the same, its stage 1 emulated.',
    false,
  ),
  parentIs: choice(
    "On which nesting parent a vSMMU's vIOMMU is: one of its own, any of the machine's that takes it, or the device's container's.",
    ['own', 'shared', 'container'],
    'own',
  ),
  plugConfigures: decision<(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'bypass' | 'nothing'>(
    'What a device that is plugged is put on: what the guest asked for, what GBPA says, bypass, or what VFIO put it on.',
    "(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'bypass' | 'nothing'",
    () => 'as-asked',
  ),
  startConfigures: choice('What starting a machine puts its devices on.', ['nothing', 'as-gbpa'], 'nothing'),
  asksIfDeviceNests: flag(
    "Whether the kernel is asked of every device if it may be nested, and not of a vSMMU's first only.",
    true,
  ),
  vdeviceAtPlug: flag('Whether a device gets its vDEVICE at plug, or only when a CFGI_STE names it.', true),
  failedPlugUndoes: flag('Whether a plug that fails undoes what it did.', true),
  failedBackUndoes: flag('Whether parts of a pSMMU that come to nothing are given back.', true),
  unplugSteps: value<readonly UnplugStep[]>('The order of an unplug.', 'readonly UnplugStep[]', [
    'detach',
    'destroy-hwpt',
    'destroy-vdevice',
    'free-backing',
    'close-device',
    'close-iommufd',
  ]),
  freeSteps: value<readonly FreeStep[]>(
    "The order in which a vSMMU's part of a pSMMU is given back.",
    'readonly FreeStep[]',
    ['veventq', 'abort', 'bypass', 'viommu', 'parent'],
  ),
  unplugClosesDevice: flag("Whether an unplugged device's file is closed.", true),
  renumberMakesVdevice: flag('Whether a device whose StreamID changes gets a vDEVICE for the new one.', true),
  oldStreamsAnswer: flag('Whether a StreamID that a device had still finds it.', false),
  tellsKernelRefusal: flag('Whether a VMM that the kernel refused something says what.', true),

  idRegisterAt: decision<(offset: number, registers: IdRegisterValues) => number>(
    'Where a guest finds its ID registers: by offset, what it reads there (IHI0070 6.3).',
    '(offset: number, registers: IdRegisterValues) => number',
    (offset, registers) => Object.values(registers)[offset >> 2] ?? 0,
  ),
  emptyReadIsEvent: flag(
    "Whether a read of the kernel's event queue that gives nothing is taken for one event more.",
    false,
  ),
  // streams
  findSte: decision<
    (table: TableRegisters, sidSize: number, streamId: number, read: ReadMemory64) => SteFound
  >(
    "The entry of a StreamID in the guest's stream table.",
    '(table: TableRegisters, sidSize: number, streamId: number, read: ReadMemory64) => SteFound',
    findSte,
  ),
  readsSte: decision<(words: Words, registers: IdRegisterValues) => SteMeaning>(
    "What an entry asks for, by the vSMMU's own ID registers.",
    '(words: Words, registers: IdRegisterValues) => SteMeaning',
    meaningOfSte,
  ),
  steForKernel: decision<(words: Words, registers: IdRegisterValues) => Words>(
    'What the kernel is given of an entry with stage 1.',
    '(words: Words, registers: IdRegisterValues) => Words',
    (words, registers) => {
      const meant = meaningOfSte(words, registers);
      return meant.kind === 'translate' ? meant.words : words;
    },
  ),
  missingSte: decision<(fetchFailed: boolean) => 'abort' | 'previous' | 'error'>(
    'What becomes of a device whose entry is not there, or in memory that does not answer.',
    "(fetchFailed: boolean) => 'abort' | 'previous' | 'error'",
    () => 'abort',
  ),
  illegalSte: choice(
    'What becomes of a device whose entry is illegal.',
    ['abort', 'error', 'kernel'],
    'abort',
  ),
  refusedSte: choice(
    'What becomes of a device whose entry the kernel refuses.',
    ['abort', 'previous'],
    'abort',
  ),
  refusedSteTells: choice(
    'What a guest is told of that, other than by its command queue.',
    ['nothing', 'event'],
    'nothing',
  ),
  installSteps: value<readonly InstallStep[]>(
    'The order in which a device is put on what its entry says.',
    'readonly InstallStep[]',
    ['hwpt', 'attach', 'destroy-old'],
  ),
  configuresWhileDisabled: flag('Whether CFGI_STE does something while SMMUEN is 0.', false),
  rangeConfigures: flag('Whether CFGI_STE_RANGE and CFGI_ALL do something.', true),
  configuringContinues: flag('Whether the streams after one that cannot be configured are configured.', true),
  streamsFrom: choice(
    'In which order devices are configured when several are.',
    ['oldest', 'newest'],
    'oldest',
  ),
  enableConfigures: choice(
    'Which devices SMMUEN is for when it is set: all, or those that a CFGI_STE named.',
    ['all', 'named', 'none'],
    'all',
  ),
  disableConfigures: choice('The same when it is cleared.', ['all', 'named', 'none'], 'all'),
  gbpaConfigures: decision<(enabled: boolean) => 'all' | 'named' | 'none'>(
    'The same of a write to GBPA.',
    "(enabled: boolean) => 'all' | 'named' | 'none'",
    (enabled) => (enabled ? 'none' : 'all'),
  ),
  gbpaNeedsUpdate: flag('Whether a write to GBPA needs UPDATE.', true),
  gbpaFreesHwpt: flag('Whether the HWPT of an STE goes when GBPA takes its place.', true),
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
    "What a command is, by the vSMMU's registers.",
    "(command: Command | undefined, words: CommandPair, registers: IdRegisterValues, enabled: boolean) => 'host' | 'configuration' | 'nothing' | 'illegal'",
    intendedKind,
  ),
  commandForKernel: decision<(words: CommandPair, registers: IdRegisterValues) => CommandPair>(
    'What the kernel is given of a command.',
    '(words: CommandPair, registers: IdRegisterValues) => CommandPair',
    commandMeant,
  ),
  handsOnForeignStreams: flag('Whether commands for StreamIDs without a nested device are handed on.', false),
  mostInBatch: value<number>(
    'How many invalidations are handed to the kernel together at most.',
    'number',
    64,
  ),
  acknowledgeRestarts: flag('Whether acknowledging a command error makes the queue go on.', true),

  // registers
  takesWrite: decision<(register: ControlName, cr0: number) => boolean>(
    'Whether a write to a register is taken, while CR0 has this value.',
    '(register: ControlName, cr0: number) => boolean',
    (register, cr0) => (guardedBy(register) & cr0) === 0,
  ),
  queuesAreAligned: flag(
    'Whether a queue begins at a multiple of its size, whatever its base says (IHI0070 6.3.26).',
    true,
  ),
  takesHalves: flag('Whether the halves of 64-bit registers can be written.', true),

  // events
  veventqAtOnce: flag(
    'Whether the vEVENTQ is made with the vIOMMU, or once the guest has enabled its event queue.',
    true,
  ),
  veventqDepth: decision<(log2Size: number) => number>(
    'How many events the kernel keeps.',
    '(log2Size: number) => number',
    () => 64,
  ),
  eventBytes: value<number>('How many bytes are asked of it at once.', 'number', 4096),
  fullQueue: choice(
    "What an event that finds the guest's queue full becomes.",
    ['overflow', 'error'],
    'overflow',
  ),
  disabledQueue: choice('What an event that finds it disabled becomes.', ['nothing', 'error'], 'nothing'),
  hostLoss: choice(
    'What the guest is told of events that the kernel lost.',
    ['nothing', 'overflow'],
    'nothing',
  ),

  // reset and migration
  resetClearsRegisters: flag("Whether a system reset puts a vSMMU's registers back.", true),
  resetConfigures: choice(
    'What devices are put on after it: what the guest asks, which is GBPA; or GBPA, the HWPTs of STEs kept.',
    ['all', 'as-gbpa'],
    'all',
  ),
  resetDrainsEvents: flag('Whether events from before a reset are thrown away.', true),
  migrationKeepsGuestState: flag('What a machine takes along of what its guest set up.', true),
} satisfies Declarations;

export type VmmRules = RulesOf<typeof vmmPoints>;

export const vmmIntended: VmmRules = intendedOf(vmmPoints);
