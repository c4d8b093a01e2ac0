import type { Errno } from '../../../../spec/errno.ts';
import { HWPT_VTD_S1 } from '../../../../spec/iommufd/constants.ts';
import type { IommuHardware, Platform } from '../../../platform/platform.ts';
import { type VtdFeatures, vtdFeaturesOf } from '../../../platform/vtd-features.ts';
import type { Rules } from '../../../world/rules.ts';
import type { Domain, NestedTable, PagingDomain } from '../driver.ts';

/** ADDR_WIDTH_4LEVEL and ADDR_WIDTH_5LEVEL. */
const FOUR_LEVELS = 48;
const FIVE_LEVELS = 57;

/**
 * Whether a device can be put on a domain. A domain belongs to no remapping unit: any whose registers allow the same can
 * use its tables (paging_domain_compatible()).
 */
export function compatible(
  platform: Platform,
  device: number,
  domain: Domain,
  paging: PagingDomain,
  rules: Rules['vtd'],
): Errno | null {
  const { iommu } = platform.devices[device] as Platform['devices'][number];
  const made = platform.iommus[domain.iommu] as IommuHardware;
  if (made.kind !== 'vtd') return 'EINVAL';
  const features = vtdFeaturesOf(platform.iommus[iommu] as IommuHardware);
  const ofDomain = vtdFeaturesOf(made);
  if (paging.tracksWrites === true && !tracks(features, rules)) return 'EINVAL';
  if (paging.enforceCoherency && !features.snoopControl) return 'EINVAL';
  if ('config' in domain) {
    if (domain.config !== 'firstStage') return 'EINVAL';
    return tablesFit(features, ofDomain, 2) ?? firstStageFits(features, domain);
  }
  return tablesFit(features, ofDomain, domain.stage);
}

/** ssads_supported(): flags that hardware writes past the caches would be lost to who reads them (commit 57f55048e564). */
export function tracks(features: VtdFeatures, rules: Rules['vtd']): boolean {
  return features.dirtyTracking && (features.coherentWalks || !rules.trackingNeedsCoherence);
}

/** The unit walks tables of this stage and of the width and page sizes that the domain's has. */
function tablesFit(features: VtdFeatures, ofDomain: VtdFeatures, stage: 1 | 2): Errno | null {
  if (stage === 1) return features.firstStage ? null : 'EINVAL';
  const fits =
    features.secondStage &&
    features.addressWidth >= ofDomain.addressWidth &&
    (features.largePages || !ofDomain.largePages);
  return fits ? null : 'EINVAL';
}

/** intel_pasid_setup_nested() (rule R-24): what the guest asks for is looked at only now. */
function firstStageFits(features: VtdFeatures, { flags, addressWidth }: NestedTable): Errno | null {
  if (addressWidth !== FOUR_LEVELS && !(addressWidth === FIVE_LEVELS && features.fiveLevels)) return 'EINVAL';
  if ((flags & HWPT_VTD_S1.SRE) !== 0n && !features.supervisorRequests) return 'EINVAL';
  if ((flags & HWPT_VTD_S1.EAFE) !== 0n && !features.extendedAccessed) return 'EINVAL';
  // Without scalable mode a device has no PASID table.
  return features.scalable ? null : 'ENODEV';
}
