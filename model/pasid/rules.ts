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
    'Why a unit cannot be had in this way with this hardware; null: it can.',
    '(hardware: IommuHardware, assignment: Assignment) => string | null',
    whyNot,
  ),
  wholeAndSlicesTogether: flag(
    'Whether a function and slices of it can be given away at the same time.',
    false,
  ),
  pasidGivenTwice: flag('Whether a number that one unit of a function has can be given to another.', false),
  sliceUsesAnyPasid: flag(
    'Whether the device puts a PASID on the requests of a slice that was not given to it.',
    false,
  ),
  installsAt: decision<(guest: number, host: number) => number>(
    "Where the address space of a PASID is installed: at the host's number for it.",
    '(guest: number, host: number) => number',
    (_guest, host) => host,
  ),
  hostWritesGuestTable: flag('Whether the host may write into a PASID table that the guest owns.', false),

  // teardown
  teardownFlushes: decision<(form: EntryForm) => 'pasid' | 'domain'>(
    'What is flushed when an entry is taken away: by PASID, or by domain, which takes stage 2 as well.',
    "(form: EntryForm) => 'pasid' | 'domain'",
    (form) => (form === 'first' || form === 'pass-through' ? 'pasid' : 'domain'),
  ),
  teardownFlushesEntry: flag('Whether the PASID cache is told of it.', true),

  // what a VMM makes of a guest's invalidations
  contextIsReadWhole: flag(
    'Whether it reads of a context entry how large the table is and what becomes of requests without PASID.',
    true,
  ),
  checksPresent: flag("Whether it looks at the present bit of a guest's PASID table entry.", true),
  invalidationIsForwarded: flag('Whether it has the host flush what a guest invalidates.', true),
  invalidationUpdatesShadow: decision<(reach: Invalidation) => boolean>(
    'Whether tables that it keeps are built anew after an invalidation that reaches this far.',
    '(reach: Invalidation) => boolean',
    () => true,
  ),
  pasidInvalidationRebinds: flag(
    "Whether the PASID's entry is set up anew after an invalidation of the PASID cache.",
    true,
  ),
  contextInvalidationRebinds: flag('Whether all PASIDs are, once the context entry is read anew.', true),
} satisfies Declarations;

export type PasidRules = RulesOf<typeof pasidPoints>;

export const pasidIntended: PasidRules = intendedOf(pasidPoints);
