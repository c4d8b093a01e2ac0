import { type Declarations, flag, intendedOf, type RulesOf } from '../../world/declare.ts';

declare module '../../world/rules.ts' {
  interface Rules {
    readonly vtdArchitecture: VtdArchitectureRules;
  }
}

/**
 * Every place where an emulation is known to depart from what the VT-d specification says, as a named pure function.
 * An override replaces some of them: `{ ...vtdArchitectureIntended, ...override.rules.vtdArchitecture }`.
 */
export const vtdArchitecturePoints = {
  // What is reported (VT-d 7.1.3)
  scalableModeHasOwnReasons: flag('Whether scalable mode has its own fault reasons.', true),
  interruptReasonIsOfMode: flag(
    'Whether the mode of the root table decides the reason of an output in the interrupt range.',
    true,
  ),
  fpdCoversPasidTable: flag(
    'Whether FPD of a PASID directory or table entry disables faults of these entries themselves, present or not.',
    true,
  ),
  reservedContextIsQualified: flag(
    'Whether FPD disables the fault of a reserved bit in a context entry.',
    true,
  ),

  // Root table, root and context entries
  tableModeIsDecoded: flag('Whether both bits of RTADDR_REG.TTM are decoded.', true),
  rootTableAddressIsWhole: flag("Whether address bits of RTADDR_REG beyond the host's width count.", true),
  onlyUsedRootHalfIsChecked: flag(
    'Whether reserved bits are checked only in the half of a scalable root entry that serves the device.',
    true,
  ),
  contextFeaturesAreChecked: flag(
    'Whether DTE, PASIDE, PRE and RID_PRIV are reserved on a unit that lacks what they enable.',
    true,
  ),

  // PASID directory and table
  ridPasidIsUsed: flag('Whether RID_PASID is used where ECAP_REG.RPS is set.', true),
  directorySizeIsChecked: flag('Whether a PASID beyond the size in PDTS is refused.', true),
  directoryReservedIsChecked: flag(
    'Whether a reserved bit that is set in a PASID directory entry is refused.',
    true,
  ),
  pasidEntryReservedIsChecked: flag(
    'Whether a reserved bit that is set in a PASID table entry is refused.',
    true,
  ),
  presenceComesFirst: flag('Whether nothing else of an entry that is not present is checked.', true),
  passThroughWidthIsChecked: flag(
    'Whether AW of a pass-through entry must be a width that the unit supports.',
    true,
  ),

  // Translation
  passThroughIsBounded: flag("Whether pass-through refuses addresses beyond the host's width.", true),
  privilegeIsTold: flag('Whether supervisor requests are distinguished from user requests.', true),
  canonicalByLevels: flag(
    "Whether the first stage's canonical check goes by the levels of its tables, and not by AW.",
    true,
  ),
  allOnesIsAnEntry: flag('Whether a paging entry with all bits set is an entry like any other.', true),
  permissionsComeLast: flag(
    'Whether permissions are checked, and flags written, only when the walk has reached the page.',
    true,
  ),
  dirtyFlagIsAlwaysSet: flag(
    'Whether a write sets the dirty flag of an entry whose accessed flag is set already.',
    true,
  ),
  secondStageFlagsAreWritten: flag('Whether SSADE has flags written in second-stage entries.', true),
  snoopBitIsOfMode: flag(
    'Whether the mode of the root table decides if SNP of a second-stage page is reserved.',
    true,
  ),
  interruptRangeIsExact: flag(
    'Whether only output addresses in the interrupt range are refused, rather than every page that touches it.',
    true,
  ),

  // Caches (VT-d 6)
  cachesAreOpen: flag(
    'Whether the contents of caches are left open: anything that was valid since an invalidation last covered it.',
    true,
  ),
  hitsGoByDomain: flag(
    'Whether a cached translation serves every request with its domain id, rather than only the device that filled it.',
    true,
  ),
  hitWithoutPermissionFaults: flag(
    'Whether a cached translation without the needed permission gives a recorded fault.',
    true,
  ),
  cachedContextChecksPresence: flag(
    'Whether a PASID table entry that is not present translates nothing, even while the context entry is cached.',
    true,
  ),
  invalidationReachesLargePage: flag(
    'Whether an invalidation of pages takes a large page away that holds one of them.',
    true,
  ),
  goneEntryIsForgotten: flag(
    'Whether nothing is cached of a PASID table entry that an invalidation finds gone.',
    true,
  ),
  passThroughCanBeInvalidated: flag('Whether pass-through ends when its entry is invalidated.', true),

  levelsAreBounded: flag(
    'Whether an emulator outlives a PASID table entry with more levels of tables than there are.',
    true,
  ),

  // The invalidation queue (VT-d 6.5.2)
  queueStopsWhenTold: flag(
    'Whether clearing QIE turns the invalidation queue off, whatever was last in it.',
    true,
  ),
  queueResumesWhenCleared: flag('Whether the invalidation queue goes on when IQE is cleared.', true),
  bareWaitIsTaken: flag('Whether a wait descriptor that asks for nothing is legal.', true),
  pageResponseNeedsRequests: flag(
    'Whether page group responses are for units with page requests, and there for requests with a PASID or without.',
    true,
  ),
} satisfies Declarations;

export type VtdArchitectureRules = RulesOf<typeof vtdArchitecturePoints>;

/** The rules that the VT-d specification states. */
export const vtdArchitectureIntended: VtdArchitectureRules = intendedOf(vtdArchitecturePoints);
