import type { EntryForm, IommuHardware } from '../../spec/pasid/hardware.ts';
import { whyNot } from './admission.ts';
import type { Assignment } from './machine.ts';

/** How far an invalidation of a guest reaches. */
export const INVALIDATIONS = ['page', 'pasid', 'domain', 'context', 'global'] as const;

export type Invalidation = (typeof INVALIDATIONS)[number];

/** The decision points of hosts and VMMs with PASIDs. */
export interface PasidRules {
  // what is given to whom
  /** Why a unit cannot be had in this way with this hardware; null: it can. */
  assignmentObjection(hardware: IommuHardware, assignment: Assignment): string | null;
  /** Whether a function and slices of it can be given away at the same time. */
  readonly wholeAndSlicesTogether: boolean;
  /** Whether a number that one unit of a function has can be given to another. */
  readonly pasidGivenTwice: boolean;
  /** Whether the device puts a PASID on the requests of a slice that was not given to it. */
  readonly sliceUsesAnyPasid: boolean;
  /** Where the address space of a PASID is installed: at the host's number for it. */
  installsAt(guest: number, host: number): number;
  /** Whether the host may write into a PASID table that the guest owns. */
  readonly hostWritesGuestTable: boolean;

  // teardown
  /** What is flushed when an entry is taken away: by PASID, or by domain, which takes stage 2 as well. */
  teardownFlushes(form: EntryForm): 'pasid' | 'domain';
  /** Whether the PASID cache is told of it. */
  readonly teardownFlushesEntry: boolean;

  // what a VMM makes of a guest's invalidations
  /** Whether it reads of a context entry how large the table is and what becomes of requests without PASID. */
  readonly contextIsReadWhole: boolean;
  /** Whether it looks at the present bit of a guest's PASID table entry. */
  readonly checksPresent: boolean;
  /** Whether it has the host flush what a guest invalidates. */
  readonly invalidationIsForwarded: boolean;
  /** Whether tables that it keeps are built anew after an invalidation that reaches this far. */
  invalidationUpdatesShadow(reach: Invalidation): boolean;
  /** Whether the PASID's entry is set up anew after an invalidation of the PASID cache. */
  readonly pasidInvalidationRebinds: boolean;
  /** Whether all PASIDs are, once the context entry is read anew. */
  readonly contextInvalidationRebinds: boolean;
}

/** What hardware and specifications promise. */
declare module '../world/rules.ts' {
  interface Rules {
    readonly pasid: PasidRules;
  }
}

export const pasidIntended: PasidRules = Object.freeze({
  assignmentObjection: whyNot,
  wholeAndSlicesTogether: false,
  pasidGivenTwice: false,
  sliceUsesAnyPasid: false,
  installsAt: (_guest, host) => host,
  hostWritesGuestTable: false,
  teardownFlushes: (form) => (form === 'first' || form === 'pass-through' ? 'pasid' : 'domain'),
  teardownFlushesEntry: true,
  contextIsReadWhole: true,
  checksPresent: true,
  invalidationIsForwarded: true,
  invalidationUpdatesShadow: () => true,
  pasidInvalidationRebinds: true,
  contextInvalidationRebinds: true,
} satisfies PasidRules);
