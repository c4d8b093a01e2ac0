import type { GuestMemory } from '../../smmu/machine/guest-memory.ts';
import type { VtdTables } from '../driver/tables.ts';
import type { VtdEntry } from './entry.ts';

declare module '../../world/world.ts' {
  interface World {
    /** The caches of VT-d units; null where the platform has none of them whose caches are followed. */
    readonly vtd: VtdMachine | null;
  }
}

/** The VT-d hardware under a world: as `model/smmu/machine/machine.ts` has it for SMMUs. */
export interface VtdMachine {
  readonly driver: VtdTables;
  /** Parallel to `platform.vms`. */
  readonly memory: readonly GuestMemory[];
  /** What caches may still hold although hardware would not fetch it any longer, ascending by key. */
  readonly stale: readonly VtdEntry[];
}
