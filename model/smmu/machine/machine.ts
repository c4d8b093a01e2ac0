import type { Words } from '../../world/command.ts';
import type { DriverState, HardwareAction } from '../driver/state.ts';
import type { Entry } from './entry.ts';
import type { GuestMemory } from './guest-memory.ts';

declare module '../../world/world.ts' {
  interface World {
    /** Null where the platform follows no caches. */
    readonly machine: Machine | null;
  }
}

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
  /** Parallel to `platform.iommus`. */
  readonly registers: readonly SmmuRegisters[];
  /** Parallel to `platform.iommus`. */
  readonly eventQueues: readonly EventQueue[];
  /** Whether the next call that gives the driver something to do is interrupted before it does it. */
  readonly interrupts: boolean;
  /** The call that was interrupted; null: none. */
  readonly work: Work | null;
}

/** CR0.SMMUEN, and GBPA.ABORT, which counts while that is 0. */
export interface SmmuRegisters {
  readonly enabled: boolean;
  readonly aborts: boolean;
}

/** The event queue of a pSMMU, between the SMMU that fills it and the driver's thread that reads it. */
export interface EventQueue {
  /** Whether the thread is kept from running. Else it reads each record at once. */
  readonly delayed: boolean;
  readonly records: readonly EventRecord[];
  /** EVENTQ_PROD.OVFLG differs from EVENTQ_CONS.OVACKFLG: events were lost. */
  readonly overflowed: boolean;
}

export interface EventRecord {
  readonly device: number;
  readonly words: Words;
}

/** What the driver does to a pSMMU, in one piece: one write of 64 bits, one register, or one batch of commands and SYNC. */
export type MachineAction =
  | HardwareAction
  | { readonly kind: 'writeRegisters'; readonly smmu: number; readonly registers: SmmuRegisters };

/** A call of the kernel that has been entered and has not returned, since its driver is in the middle of its work. */
export interface Work {
  /** What the driver had written before the call. */
  readonly from: DriverState;
  /** What it will have written after it. */
  readonly to: DriverState;
  readonly left: readonly MachineAction[];
  /** How many actions the call takes in all. */
  readonly total: number;
}
