import type { Probed } from './machine.ts';

declare module '../world/world.ts' {
  interface World {
    /** Parallel to `platform.smmus`. */
    readonly smmus: readonly SmmuState[];
  }
}

/** What changes in a pSMMU and its driver. */
export interface SmmuState {
  /** VMIDs in use, ascending. VMID 0 belongs to the host. */
  readonly vmids: readonly number[];
  /** Only where devices come and go (`Platform.probes`). */
  readonly probed?: Probed;
}

export const EMPTY_SMMU: SmmuState = Object.freeze({ vmids: Object.freeze([]) });

/** The lowest free VMID, taken; null when all are in use. */
export function takeVmid(smmu: SmmuState, bits: number): { smmu: SmmuState; vmid: number } | null {
  const { vmids } = smmu;
  let at = 0;
  while (at < vmids.length && vmids[at] === at + 1) at++;
  if (at + 1 >= 2 ** bits) return null;
  return { smmu: { ...smmu, vmids: [...vmids.slice(0, at), at + 1, ...vmids.slice(at)] }, vmid: at + 1 };
}

export function releaseVmid(smmu: SmmuState, vmid: number): SmmuState {
  return { ...smmu, vmids: smmu.vmids.filter((used) => used !== vmid) };
}
