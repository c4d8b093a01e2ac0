import type { DriverState } from '../driver/state.ts';
import type { Entry } from './entry.ts';
import type { GuestMemory } from './guest-memory.ts';

/**
 * The hardware under a world: what the driver has written for the pSMMUs, what guests keep in their memory, and what
 * caches may hold. What hardware would fetch now follows from the first two (`view.ts`), so only what it would not
 * fetch any longer is kept.
 */
export interface Machine {
  readonly driver: DriverState;
  /** Parallel to `platform.vms`. */
  readonly memory: readonly GuestMemory[];
  /** What caches may still hold although it is no longer so, ascending by key. */
  readonly stale: readonly Entry[];
}
