import type { LegacyIommu } from '../platform/legacy.ts';
import { choice, type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';
import type { ContainerType } from './machine.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly legacy: LegacyRules;
  }
}

/** The decision points of VFIO's old containers. */
export const legacyPoints = {
  stage: decision<(type: ContainerType, iommu: LegacyIommu) => 1 | 2>(
    'The stage of a new domain\'s tables. The nesting attribute asks for stage 2; a driver falls back to the stage that there is (arm_smmu_domain_finalise(): "Restrict the stage to what we can actually support").',
    '(type: ContainerType, iommu: LegacyIommu) => 1 | 2',
    (type, { stage1, stage2 }) => {
      const wanted = type === 'nesting' ? 2 : 1;
      if (wanted === 2) return stage2 ? 2 : 1;
      return stage1 ? 1 : 2;
    },
  ),
  lateDomainIsFilled: flag(
    'Whether a new domain of a container gets the mappings that the container has (vfio_iommu_replay()).',
    true,
  ),
  containersNest: flag(
    'Whether containers nest at all (VFIO_TYPE1_NESTING_IOMMU: documented up to Linux 6.11, reserved since).',
    true,
  ),
  containerWrapErrno: choice('The errno for a range that wraps around.', ['EINVAL', 'EOVERFLOW'], 'EINVAL'),
  unmapRefusesBisection: decision<(type: ContainerType) => boolean>(
    'Whether UNMAP_DMA of this type refuses a range that would cut a mapping in two.',
    '(type: ContainerType) => boolean',
    (type) => type !== 'type1',
  ),
  groupMustBeViable: flag(
    'Whether a group can be in a container only while no host driver is bound to any of its devices.',
    true,
  ),
  everyGroupBringsCookie: flag(
    "Whether a group whose MSIs are translated gives a cookie to a domain that has none, even if it is not the domain's first group.",
    true,
  ),
} satisfies Declarations;

export type LegacyRules = RulesOf<typeof legacyPoints>;

export const legacyIntended: LegacyRules = intendedOf(legacyPoints);
