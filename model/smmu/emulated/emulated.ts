import type { IdRegisterValues } from '../../../spec/smmuv3/id-registers.ts';
import type { Words } from '../../world/command.ts';
import { type QemuSmmu, reset } from '../qemu/smmu.ts';

/** A VMM's emulated SMMUv3 and the guest memory that it walks, on platforms that have one. */
export interface EmulatedHardware {
  readonly registers: IdRegisterValues;
  /** The guest's memory at boot; what is not named is zero. */
  readonly memory: GuestWords;
}

/** 64-bit words by their address in lower-case hexadecimal, without 0x. */
export type GuestWords = Readonly<Record<string, bigint>>;

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
  const smmu = reset(registers);
  return { smmu, twin: smmu, memory, events: [], resetting: false };
}

/** The key of the word at an address. */
export function wordKey(address: bigint): string {
  return address.toString(16);
}
