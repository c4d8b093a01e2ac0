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
  scalableModeHasOwnReasons: flag('Whether scalable mode has fault reasons of its own.', true),
  interruptReasonIsOfMode: flag(
    'Whether the reason of an output in the interrupt range goes by the mode of the root table.',
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
  rootTableAddressIsWhole: flag("Whether the root table's address has bits beyond the host's width.", true),
  onlyUsedRootHalfIsChecked: flag(
    'Whether reserved bits in the half of a scalable root entry that serves other devices are let be.',
    true,
  ),
  contextFeaturesAreChecked: flag(
    'Whether DTE, PASIDE, PRE and RID_PRIV are reserved on a unit that lacks what they enable.',
    true,
  ),

  // PASID directory and table
  ridPasidIsUsed: flag('Whether RID_PASID is used where ECAP_REG.RPS is set.', true),
  directorySizeIsChecked: flag('Whether a PASID beyond what PDTS says is refused.', true),
  directoryReservedIsChecked: flag(
    'Whether a reserved bit that is set in a PASID directory entry is refused.',
    true,
  ),
  pasidEntryReservedIsChecked: flag(
    'Whether a reserved bit that is set in a PASID table entry is refused.',
    true,
  ),
  presenceComesFirst: flag('Whether an entry that is not present is looked at no further.', true),
  passThroughWidthIsChecked: flag(
    'Whether AW of a pass-through entry must be a width that the unit has.',
    true,
  ),

  // Translation
  passThroughIsBounded: flag("Whether pass-through ends where the host's addresses do.", true),
  privilegeIsTold: flag('Whether requests of supervisor privilege are told from others.', true),
  canonicalByLevels: flag(
    "Whether the first stage's canonical check goes by the levels of its tables, and not by AW.",
    true,
  ),
  allOnesIsAnEntry: flag('Whether a paging entry of which all bits are set is one.', true),
  permissionsComeLast: flag(
    'Whether permissions are checked once the walk has reached its page, and flags written then.',
    true,
  ),
  dirtyFlagIsAlwaysSet: flag(
    'Whether a write sets the dirty flag of an entry whose accessed flag is set already.',
    true,
  ),
  secondStageFlagsAreWritten: flag('Whether SSADE has flags written in second-stage entries.', true),
  snoopBitIsOfMode: flag(
    'Whether SNP of a second-stage page is reserved or not by the mode of the root table.',
    true,
  ),
  interruptRangeIsExact: flag(
    'Whether only addresses in the interrupt range are refused as output, and not all of a page that touches it.',
    true,
  ),

  // Caches (VT-d 6)
  cachesAreOpen: flag(
    'Whether what caches hold is left open: anything that was valid since an invalidation last covered it.',
    true,
  ),
  hitsGoByDomain: flag(
    'Whether a cached translation serves requests that meet its domain id, and not those of the device that filled it.',
    true,
  ),
  hitWithoutPermissionFaults: flag(
    'Whether a cached translation without the permission that is asked for leads to a fault that is recorded.',
    true,
  ),
  cachedContextChecksPresence: flag(
    'Whether a PASID table entry that is not present serves nothing, with a context entry cached too.',
    true,
  ),
  passThroughCanBeInvalidated: flag(
    'Whether pass-through ends once the entry that said so was invalidated.',
    true,
  ),
} satisfies Declarations;

export type VtdArchitectureRules = RulesOf<typeof vtdArchitecturePoints>;

/** The rules that the VT-d specification states. */
export const vtdArchitectureIntended: VtdArchitectureRules = intendedOf(vtdArchitecturePoints);
