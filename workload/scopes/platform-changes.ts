/*
 * What somebody changed about the platform of a scope, as JSON has it: traces carry it, so that they travel.
 */

/** An address or another 64-bit value: `0x…`. */
type Hex = string;

/** An IOMMU; registers that are not given are those of the recorded machine's. */
export interface IommuPart {
  readonly name: string;
  readonly kind?: 'smmuv3' | 'vtd' | 'plain';
}

/** A device; devices are called dev0, dev1, … in their order. */
export interface DevicePart {
  /** Index of its IOMMU. */
  readonly iommu?: number;
  readonly group: number;
  readonly streamIds: readonly number[];
  readonly canwbs?: boolean;
  readonly ats?: boolean;
  readonly pasidBits?: number;
  readonly host?: number;
  readonly its?: number;
  readonly msiVectors?: number;
  readonly pageRequests?: number;
  readonly resets?: boolean;
}

export interface ItsPart {
  readonly doorbell: Hex;
  readonly doorbellPages?: number;
  readonly untranslated?: boolean;
  readonly unisolated?: boolean;
}

export interface PagesPart {
  readonly start: Hex;
  readonly pages: number;
}

/** A virtual machine; without vSMMUs its VMM process does as it pleases. */
export interface VmPart {
  readonly name: string;
  /** What the operator says of each vSMMU beside its defaults: `ats=on`. */
  readonly vsmmus?: readonly (readonly string[])[];
  readonly ram?: readonly PagesPart[];
  readonly vits?: PagesPart | null;
}

export interface MemoryPart {
  readonly start: Hex;
  readonly last: Hex;
  readonly writable?: boolean;
}

/** Parts that take the place of the scope's, and single settings on top of them. */
export interface PlatformChanges {
  /** What the file is called in which the parts were; absent: there was none. */
  readonly name?: string;
  readonly iommus?: readonly IommuPart[];
  readonly devices?: readonly DevicePart[];
  readonly its?: readonly ItsPart[];
  readonly vms?: readonly VmPart[];
  readonly userMemory?: readonly MemoryPart[];
  /** `smmu0.IDR1.SSIDSIZE=0`, each on top of those before it. */
  readonly set?: readonly string[];
}

/** The changes as a report's first line says them: `platform two-hosts`, `set smmu0.IDR1.SSIDSIZE=0`. */
export function changesText(changes: PlatformChanges | undefined): readonly string[] {
  if (changes === undefined) return [];
  const { name, set = [] } = changes;
  return [...(name === undefined ? [] : [`platform ${name}`]), ...set.map((each) => `set ${each}`)];
}
