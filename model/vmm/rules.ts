import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import { specifiedRegisters, type VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import { choice, type Declarations, decision, flag, intendedOf, type RulesOf } from '../declare.ts';
import type { Words } from '../world/command.ts';
import type { HostIommu } from './vm.ts';

/** A physical IOMMU in front of a device that is plugged. */
export interface PresentIommu extends HostIommu {
  /** Whether the device is behind the vSMMU in question; else behind another one of the machine. */
  readonly here: boolean;
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

  // plug and unplug
  plugObjections: decision<
    (registers: IdRegisterValues, iommu: HostIommu, properties: VsmmuProperties) => readonly string[]
  >(
    'Why a device behind this IOMMU cannot be behind a vSMMU with these registers; none: it can.',
    '(registers: IdRegisterValues, iommu: HostIommu, properties: VsmmuProperties) => readonly string[]',
    (registers, iommu) =>
      iommu.registers === null ? ['no SMMUv3'] : fits(registers, iommu.registers).map(misfitText),
  ),
  emulatesWhatCannotNest: flag(
    'Whether a device that cannot be nested is taken all the same, its stage 1 emulated.',
    false,
  ),
  plugConfigures: decision<(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'guest-memory'>(
    'What a device that is plugged is put on: what the guest asked for, what GBPA says, or all of its memory.',
    "(isFirst: boolean) => 'as-asked' | 'as-gbpa' | 'guest-memory'",
    () => 'as-asked',
  ),
  asksIfDeviceNests: flag(
    "Whether the kernel is asked of every device if it may be nested, and not of a vSMMU's first only.",
    true,
  ),
  vdeviceAtPlug: flag(
    'Whether a device gets its vDEVICE at plug, or only when its STE first translates.',
    true,
  ),
  failedPlugUndoes: flag('Whether a plug that fails undoes what it did.', true),
  unplugClosesDevice: flag("Whether an unplugged device's file is closed.", true),

  tellsKernelRefusal: flag('Whether a VMM that the kernel refused something says what.', true),

  // what the guest does
  steForKernel: decision<(words: Words) => Words>(
    "What the kernel is given of a guest's STE.",
    '(words: Words) => Words',
    (words) => words,
  ),
  refusedSte: choice(
    'What becomes of a device whose STE the kernel refuses.',
    ['abort', 'previous'],
    'abort',
  ),
  resetClearsRegisters: flag("Whether a system reset puts a vSMMU's registers back.", true),

  // migration
  migrationKeepsGuestState: flag('What a machine takes along of what its guest set up.', true),
} satisfies Declarations;

export type VmmRules = RulesOf<typeof vmmPoints>;

/** Specified by the operator, checked field by field at plug, and nothing done behind the guest's back. */
export const vmmIntended: VmmRules = intendedOf(vmmPoints);
