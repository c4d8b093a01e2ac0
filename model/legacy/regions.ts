import type { ReservedRegion } from '../iommufd/drivers/driver.ts';
import type { Interval } from '../iommufd/interval.ts';
import { doorbellPages } from '../platform/doorbell.ts';
import type { LegacyGroupHardware, LegacyPlatform } from '../platform/legacy.ts';
import type { Its, Platform } from '../platform/platform.ts';
import type { Rules } from '../world/rules.ts';
import { iommuOf } from './machine.ts';

/** The ITS of a group's devices. */
export function itsOfGroup({ its, legacy }: Platform, group: number): Its {
  return its[legacy?.groups[group]?.its ?? -1] as Its;
}

/**
 * What a group's devices keep of their addresses (iommu_get_group_resv_regions()): the doorbells of an ITS that takes
 * writes before the IOMMU sees them, or else the window in which the kernel places doorbells. Of a group with both, the
 * former alone counts (vfio_iommu_has_sw_msi()).
 */
export function regionsOf(platform: Platform, group: number): readonly ReservedRegion[] {
  const its = itsOfGroup(platform, group);
  if (its.untranslated === true) {
    const size = BigInt(doorbellPages(its)) * platform.kernel.pageSize;
    return [{ start: its.doorbell, last: its.doorbell + size - 1n, swMsi: false }];
  }
  const legacy = platform.legacy as LegacyPlatform;
  const { iommu } = legacy.groups[group] as LegacyGroupHardware;
  const { msiWindow } = iommuOf(legacy, iommu);
  return msiWindow === null ? [] : [{ ...msiWindow, swMsi: true }];
}

/** What users cannot map while a group is in their container (vfio_iommu_resv_exclude()). */
export function keptBy(platform: Platform, group: number, rules: Rules): readonly Interval[] {
  return regionsOf(platform, group).filter(({ swMsi }) => !swMsi || rules.msi.windowIsReserved);
}

/** Whether a group's IOMMU can map all of a range, and its devices keep none of it. */
export function suits(platform: Platform, group: number, start: bigint, size: bigint, rules: Rules): boolean {
  const legacy = platform.legacy as LegacyPlatform;
  const last = start + size - 1n;
  const { iommu } = legacy.groups[group] as LegacyGroupHardware;
  if (last > iommuOf(legacy, iommu).lastIova) return false;
  return keptBy(platform, group, rules).every((kept) => last < kept.start || start > kept.last);
}
