import type { Probed } from './machine.ts';

declare module '../world/world.ts' {
  interface World {
    /** Parallel to `platform.iommus`. */
    readonly iommus: readonly IommuState[];
  }
}

/** What changes in a pSMMU and its driver. */
export interface IommuState {
  /** VMIDs in use, ascending. VMID 0 belongs to the host. */
  readonly vmids: readonly number[];
  /** Only where devices come and go (`Platform.probes`). */
  readonly probed?: Probed;
}

export const EMPTY_SMMU: IommuState = Object.freeze({ vmids: Object.freeze([]) });

/** The lowest free VMID, taken; null when all are in use. */
export function takeVmid(iommu: IommuState, bits: number): { iommu: IommuState; vmid: number } | null {
  const { vmids } = iommu;
  let at = 0;
  while (at < vmids.length && vmids[at] === at + 1) at++;
  if (at + 1 >= 2 ** bits) return null;
  return { iommu: { ...iommu, vmids: [...vmids.slice(0, at), at + 1, ...vmids.slice(at)] }, vmid: at + 1 };
}

export function releaseVmid(iommu: IommuState, vmid: number): IommuState {
  return { ...iommu, vmids: iommu.vmids.filter((used) => used !== vmid) };
}
