import type { EntryForm, IommuHardware } from '../../spec/pasid/hardware.ts';
import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';
import { whyNot } from './admission.ts';
import type { Assignment } from './machine.ts';

/** How far an invalidation of a guest reaches. */
export const INVALIDATIONS = ['page', 'pasid', 'domain', 'context', 'global'] as const;

export type Invalidation = (typeof INVALIDATIONS)[number];

/** What hardware and specifications promise. */
declare module '../world/rules.ts' {
  interface Rules {
    readonly pasid: PasidRules;
  }
}

/** The decision points of hosts and VMMs with PASIDs. */
export const pasidPoints = {
  // what is given to whom
  assignmentObjection: decision<(hardware: IommuHardware, assignment: Assignment) => string | null>(
    'Why a unit cannot be assigned in this way on this hardware; null: it can.',
    '(hardware: IommuHardware, assignment: Assignment) => string | null',
    whyNot,
  ),
  wholeAndSlicesTogether: flag(
    'Whether a function and slices of it can be assigned at the same time.',
    false,
  ),
  pasidGivenTwice: flag('Whether a PASID of one unit of a function can be given to another unit.', false),
  sliceUsesAnyPasid: flag('Whether a slice can send requests with a PASID that it was not given.', false),
  installsAt: decision<(guest: number, host: number) => number>(
    "At which PASID the address space of a guest's PASID is installed, given the host's number for it.",
    '(guest: number, host: number) => number',
    (_guest, host) => host,
  ),
  hostWritesGuestTable: flag('Whether the host may write into a PASID table that the guest owns.', false),

  // teardown
  teardownFlushes: decision<(form: EntryForm) => 'pasid' | 'domain'>(
    'How a removed entry is flushed: by PASID, or by domain, which covers stage 2 as well.',
    "(form: EntryForm) => 'pasid' | 'domain'",
    (form) => (form === 'first' || form === 'pass-through' ? 'pasid' : 'domain'),
  ),
  teardownFlushesEntry: flag('Whether the PASID cache is invalidated when an entry is removed.', true),

  // what a VMM makes of a guest's invalidations
  contextIsReadWhole: flag(
    'Whether a VMM reads from a context entry the size of the PASID table and what happens to requests without PASID.',
    true,
  ),
  checksPresent: flag("Whether a VMM checks the present bit of a guest's PASID table entry.", true),
  invalidationIsForwarded: flag('Whether a VMM has the host flush what its guest invalidates.', true),
  invalidationUpdatesShadow: decision<(reach: Invalidation) => boolean>(
    "Whether an invalidation of this reach updates the VMM's shadow tables.",
    '(reach: Invalidation) => boolean',
    () => true,
  ),
  pasidInvalidationRebinds: flag(
    "Whether an invalidation of the PASID cache sets the PASID's entry up again.",
    true,
  ),
  contextInvalidationRebinds: flag(
    'Whether all PASIDs are set up again when the context entry is read again.',
    true,
  ),
} satisfies Declarations;

export type PasidRules = RulesOf<typeof pasidPoints>;

export const pasidIntended: PasidRules = intendedOf(pasidPoints);
