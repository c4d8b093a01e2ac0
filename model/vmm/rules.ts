import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import { specifiedRegisters, type VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { Words } from '../world/command.ts';
import type { HostIommu } from './vm.ts';

/** A physical IOMMU in front of a device that is plugged. */
export interface PresentIommu extends HostIommu {
  /** Whether the device is behind the vSMMU in question; else behind another one of the machine. */
  readonly here: boolean;
}

/** The decision points that choose one of a few words, with the words. */
export const VMM_CHOICES = {
  vsmmuAsksWithoutDevice: ['nothing', 'iommu-id', 'driver'],
  plugConfigures: ['as-asked', 'as-gbpa', 'guest-memory'],
  refusedSte: ['abort', 'previous'],
} as const;

type Choice<Point extends keyof typeof VMM_CHOICES> = (typeof VMM_CHOICES)[Point][number];

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

  // plug and unplug
  /** Why a device behind this IOMMU cannot be behind a vSMMU with these registers; none: it can. */
  plugObjections(
    registers: IdRegisterValues,
    iommu: HostIommu,
    properties: VsmmuProperties,
  ): readonly string[];
  /** Whether a device that cannot be nested is taken all the same, its stage 1 emulated. */
  readonly emulatesWhatCannotNest: boolean;
  /** What a device that is plugged is put on: what the guest asked for, what GBPA says, or all of its memory. */
  plugConfigures(isFirst: boolean): Choice<'plugConfigures'>;
  /** Whether the kernel is asked of every device if it may be nested, and not of a vSMMU's first only. */
  readonly asksIfDeviceNests: boolean;
  /** Whether a device gets its vDEVICE at plug, or only when its STE first translates. */
  readonly vdeviceAtPlug: boolean;
  /** Whether a plug that fails undoes what it did. */
  readonly failedPlugUndoes: boolean;
  /** Whether an unplugged device's file is closed. */
  readonly unplugClosesDevice: boolean;

  /** Whether a VMM that the kernel refused something says what. */
  readonly tellsKernelRefusal: boolean;

  // what the guest does
  /** What the kernel is given of a guest's STE. */
  steForKernel(words: Words): Words;
  /** Where a guest finds its ID registers: by offset, what it reads there (IHI0070 6.3). */
  idRegisterAt(offset: number, registers: IdRegisterValues): number;
  /** Whether a read of the kernel's event queue that gives nothing is taken for one event more. */
  readonly emptyReadIsEvent: boolean;
  /** What becomes of a device whose STE the kernel refuses. */
  readonly refusedSte: Choice<'refusedSte'>;
  /** Whether a system reset puts a vSMMU's registers back. */
  readonly resetClearsRegisters: boolean;

  // migration
  /** What a machine takes along of what its guest set up. */
  readonly migrationKeepsGuestState: boolean;
}

/** Specified by the operator, checked field by field at plug, and nothing done behind the guest's back. */
export const vmmIntended: VmmRules = {
  registers: (properties) => specifiedRegisters(properties),
  asksWithoutDevice: 'nothing',
  bootNeedsRegisters: true,
  driverAnswersWithoutDevice: false,
  plugObjections: (registers, iommu) =>
    iommu.registers === null ? ['no SMMUv3'] : fits(registers, iommu.registers).map(misfitText),
  emulatesWhatCannotNest: false,
  plugConfigures: () => 'as-asked',
  asksIfDeviceNests: true,
  vdeviceAtPlug: true,
  failedPlugUndoes: true,
  unplugClosesDevice: true,
  steForKernel: (words) => words,
  idRegisterAt: (offset, registers) => Object.values(registers)[offset >> 2] ?? 0,
  emptyReadIsEvent: false,
  refusedSte: 'abort',
  tellsKernelRefusal: true,
  resetClearsRegisters: true,
  migrationKeepsGuestState: true,
};
