import type { Words } from '../../world/command.ts';
import type { Entry } from './entry.ts';
import type { GuestMemory } from './guest-memory.ts';

/**
 * The hardware under a world: what the driver has written for the pSMMUs, what guests keep in their memory, and what
 * caches may hold. What hardware would fetch now follows from the first two (`view.ts`), so only what it would not
 * fetch any longer is kept.
 */
export interface Machine {
  readonly driver: DriverTables;
  /** Parallel to `platform.vms`. */
  readonly memory: readonly GuestMemory[];
  /** What caches may still hold although it is no longer so, ascending by key. */
  readonly stale: readonly Entry[];
}

/**
 * What the driver keeps in memory (`driver.ts` says more of it; it knows worlds, and worlds know machines, so it cannot
 * be named here).
 */
export interface DriverTables {
  /** Domains that streams are on, by place. */
  readonly placed: readonly ({ readonly ctx: number; readonly hwpt: number } | null)[];
  /** By pSMMU: the stream table, by StreamID. */
  readonly streamTables: readonly Readonly<Record<number, Words>>[];
  /** By device: its one CD, for stage-1 domains. */
  readonly contexts: readonly Words[];
}
