/**
 * Every place where an emulation is known to depart from what the VT-d specification says, as a named pure function.
 * An override replaces some of them: `{ ...vtdArchitectureIntended, ...override.rules.vtdArchitecture }`.
 */
export interface VtdArchitectureRules {
  // What is reported (VT-d 7.1.3)
  /** Whether scalable mode has fault reasons of its own. */
  readonly scalableModeHasOwnReasons: boolean;
  /** Whether the reason of an output in the interrupt range goes by the mode of the root table. */
  readonly interruptReasonIsOfMode: boolean;
  /** Whether FPD of a PASID directory or table entry disables faults of these entries themselves, present or not. */
  readonly fpdCoversPasidTable: boolean;
  /** Whether FPD disables the fault of a reserved bit in a context entry. */
  readonly reservedContextIsQualified: boolean;

  // Root table, root and context entries
  /** Whether both bits of RTADDR_REG.TTM are decoded. */
  readonly tableModeIsDecoded: boolean;
  /** Whether the root table's address has bits beyond the host's width. */
  readonly rootTableAddressIsWhole: boolean;
  /** Whether reserved bits in the half of a scalable root entry that serves other devices are let be. */
  readonly onlyUsedRootHalfIsChecked: boolean;
  /** Whether DTE, PASIDE, PRE and RID_PRIV are reserved on a unit that lacks what they enable. */
  readonly contextFeaturesAreChecked: boolean;

  // PASID directory and table
  /** Whether RID_PASID is used where ECAP_REG.RPS is set. */
  readonly ridPasidIsUsed: boolean;
  /** Whether a PASID beyond what PDTS says is refused. */
  readonly directorySizeIsChecked: boolean;
  readonly directoryReservedIsChecked: boolean;
  readonly pasidEntryReservedIsChecked: boolean;
  /** Whether an entry that is not present is looked at no further. */
  readonly presenceComesFirst: boolean;
  /** Whether AW of a pass-through entry must be a width that the unit has. */
  readonly passThroughWidthIsChecked: boolean;

  // Translation
  /** Whether pass-through ends where the host's addresses do. */
  readonly passThroughIsBounded: boolean;
  /** Whether requests of supervisor privilege are told from others. */
  readonly privilegeIsTold: boolean;
  /** Whether the first stage's canonical check goes by the levels of its tables, and not by AW. */
  readonly canonicalByLevels: boolean;
  /** Whether a paging entry of which all bits are set is one. */
  readonly allOnesIsAnEntry: boolean;
  /** Whether permissions are checked once the walk has reached its page, and flags written then. */
  readonly permissionsComeLast: boolean;
  /** Whether a write sets the dirty flag of an entry whose accessed flag is set already. */
  readonly dirtyFlagIsAlwaysSet: boolean;
  /** Whether SSADE has flags written in second-stage entries. */
  readonly secondStageFlagsAreWritten: boolean;
  /** Whether SNP of a second-stage page is reserved or not by the mode of the root table. */
  readonly snoopBitIsOfMode: boolean;
  /** Whether only addresses in the interrupt range are refused as output, and not all of a page that touches it. */
  readonly interruptRangeIsExact: boolean;

  // Caches (VT-d 6)
  /** Whether what caches hold is left open: anything that was valid since an invalidation last covered it. */
  readonly cachesAreOpen: boolean;
  /** Whether a cached translation serves requests that meet its domain id, and not those of the device that filled it. */
  readonly hitsGoByDomain: boolean;
  /** Whether a cached translation without the permission that is asked for leads to a fault that is recorded. */
  readonly hitWithoutPermissionFaults: boolean;
  /** Whether a PASID table entry that is not present serves nothing, with a context entry cached too. */
  readonly cachedContextChecksPresence: boolean;
  /** Whether pass-through ends once the entry that said so was invalidated. */
  readonly passThroughCanBeInvalidated: boolean;
}

declare module '../../world/rules.ts' {
  interface Rules {
    readonly vtdArchitecture: VtdArchitectureRules;
  }
}

/** The rules that the VT-d specification states. */
export const vtdArchitectureIntended: VtdArchitectureRules = Object.freeze({
  scalableModeHasOwnReasons: true,
  interruptReasonIsOfMode: true,
  fpdCoversPasidTable: true,
  reservedContextIsQualified: true,
  tableModeIsDecoded: true,
  rootTableAddressIsWhole: true,
  onlyUsedRootHalfIsChecked: true,
  contextFeaturesAreChecked: true,
  ridPasidIsUsed: true,
  directorySizeIsChecked: true,
  directoryReservedIsChecked: true,
  pasidEntryReservedIsChecked: true,
  presenceComesFirst: true,
  passThroughWidthIsChecked: true,
  passThroughIsBounded: true,
  privilegeIsTold: true,
  canonicalByLevels: true,
  allOnesIsAnEntry: true,
  permissionsComeLast: true,
  dirtyFlagIsAlwaysSet: true,
  secondStageFlagsAreWritten: true,
  snoopBitIsOfMode: true,
  interruptRangeIsExact: true,
  cachesAreOpen: true,
  hitsGoByDomain: true,
  hitWithoutPermissionFaults: true,
  cachedContextChecksPresence: true,
  passThroughCanBeInvalidated: true,
} satisfies VtdArchitectureRules);
