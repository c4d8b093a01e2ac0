import type { EmulatedHardware, GuestWords } from '../../platform/emulated.ts';
import type { Words } from '../../world/command.ts';
import { type QemuSmmu, reset } from '../qemu/smmu.ts';

declare module '../../world/world.ts' {
  interface World {
    /** Null where the platform has no emulated SMMUv3. */
    readonly emulated: Emulated | null;
  }
}

export interface Emulated {
  /** The emulation, under the rules in force. */
  readonly smmu: QemuSmmu;
  /** The same machine with the same past, as the architecture has it: what the emulation is held against. */
  readonly twin: QemuSmmu;
  readonly memory: GuestWords;
  /** Records in the event queue's memory, oldest first. */
  readonly events: readonly Words[];
  /** A system reset has begun and is not over: devices may still do DMA. */
  readonly resetting: boolean;
}

export function bootEmulated({ registers, memory }: EmulatedHardware): Emulated {
  const smmu = asDriversSet(reset(registers));
  return { smmu, twin: smmu, memory, events: [], resetting: false };
}

/** After a reset, with the bit of CR2 that every driver sets: StreamIDs that are not there are recorded. */
export function asDriversSet(smmu: QemuSmmu): QemuSmmu {
  return { ...smmu, recordsBadStreamIds: true };
}
