import type { LegacyIommu } from '../platform/legacy.ts';
import type { ContainerType } from './machine.ts';

/** The decision points of VFIO's old containers. */
export interface LegacyRules {
  /**
   * The stage of a new domain's tables. The nesting attribute asks for stage 2; a driver falls back to the stage that there is
   * (arm_smmu_domain_finalise(): "Restrict the stage to what we can actually support").
   */
  stage(type: ContainerType, iommu: LegacyIommu): 1 | 2;
  /** Whether a domain that comes to a container gets the mappings that are there (vfio_iommu_replay()). */
  readonly lateDomainIsFilled: boolean;
  /** Whether containers nest at all (VFIO_TYPE1_NESTING_IOMMU: documented up to Linux 6.11, reserved since). */
  readonly containersNest: boolean;
  /** How a range that leaves the address space is refused. */
  readonly containerWrapErrno: 'EINVAL' | 'EOVERFLOW';
  /** Whether UNMAP_DMA of this type refuses a range that cuts a mapping in two. */
  unmapRefusesBisection(type: ContainerType): boolean;
  /** Whether a group can be in a container only while no driver of the host has any device of it. */
  readonly groupMustBeViable: boolean;
  /** Whether a group whose MSIs are translated gives a cookie to a domain that has none, also where it is not the first in it. */
  readonly everyGroupBringsCookie: boolean;
}

declare module '../world/rules.ts' {
  interface Rules {
    readonly legacy: LegacyRules;
  }
}

export const legacyIntended: LegacyRules = {
  stage(type, { stage1, stage2 }) {
    const wanted = type === 'nesting' ? 2 : 1;
    if (wanted === 2) return stage2 ? 2 : 1;
    return stage1 ? 1 : 2;
  },
  containersNest: true,
  containerWrapErrno: 'EINVAL',
  lateDomainIsFilled: true,
  unmapRefusesBisection: (type) => type !== 'type1',
  groupMustBeViable: true,
  everyGroupBringsCookie: true,
};
