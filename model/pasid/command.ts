interface OfUnit {
  readonly unit: string;
}

/** What happens to functions and slices with PASIDs. Where it is not said otherwise, numbers are the guest's. */
export interface PasidArgs {
  /** The operator gives a unit to a machine. `viommu`, `mechanism`: see `machine.ts`. */
  readonly assign: OfUnit & {
    readonly vm: string;
    readonly viommu: string;
    readonly mechanism: string;
    readonly paravirtual: boolean;
  };
  readonly unassign: OfUnit;
  /** The acting guest stores the context entry (STE) of a unit. `unnumbered`, `pasidBits`: see `machine.ts`. */
  readonly writeContext: OfUnit & {
    readonly translates: boolean;
    readonly unnumbered: string;
    readonly pasidBits: number;
  };
  /** It stores a PASID table entry (CD); PASID 0 is for requests without. */
  readonly writePasidEntry: OfUnit & {
    readonly pasid: number;
    readonly present: boolean;
    readonly passThrough: boolean;
    readonly table: number;
  };
  /** It stores a descriptor in one of its stage-1 tables. */
  readonly writeMapping: {
    readonly table: number;
    readonly iova: number;
    readonly valid: boolean;
    readonly page: number;
  };
  /** It invalidates, and the vIOMMU has completed that. `reach`: see `rules.ts`. */
  readonly invalidate: OfUnit & { readonly reach: string; readonly pasid: number; readonly iova: number };
  /** It asks its vIOMMU for a PASID (virtual command register). */
  readonly allocPasid: OfUnit;
  readonly freePasid: OfUnit & { readonly pasid: number };
  /**
   * The acting unit accesses a page, with or without PASID. A slice's own requests are those without: the device gives
   * them the slice's PASID.
   */
  readonly request: { readonly iova: number; readonly pasid: number };
}

export type PasidCommandName = keyof PasidArgs;

export const PASID_COMMANDS = [
  'assign',
  'unassign',
  'writeContext',
  'writePasidEntry',
  'writeMapping',
  'invalidate',
  'allocPasid',
  'freePasid',
  'request',
] as const satisfies readonly PasidCommandName[];
