import type { GuestWords } from './emulated.ts';
import type { GuestMemory } from './guest-memory.ts';

/** A VMM's emulated remapping unit of VT-d and the guest memory that it walks, on platforms that have one. */
export interface EmulatedVtdHardware extends GuestMemory {
  readonly cap: bigint;
  readonly ecap: bigint;
  /** Bits of a host-physical address, as the firmware's DMAR table says. */
  readonly hostAddressWidth: number;
  /** The source ids of the devices behind it. */
  readonly sourceIds: readonly number[];
  /** The guest's memory at boot; what is not named is zero. */
  readonly memory: GuestWords;
}
