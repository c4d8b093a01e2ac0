import { HW_INFO_TYPE, HW_INFO_VTD, HWPT_ALLOC } from '../../../../spec/iommufd/constants.ts';
import type { DeviceHardware, IommuHardware, Platform } from '../../../platform/platform.ts';
import { type VtdFeatures, vtdFeaturesOf } from '../../../platform/vtd-features.ts';
import type { IommuDriver, PagingDomain } from '../driver.ts';
import { compatible, tracks } from './compatible.ts';
import { vtdNesting } from './nesting.ts';

/** Writes of devices to here are interrupts, and are never translated. */
export const INTERRUPT_RANGE = { start: 0xfee0_0000n, last: 0xfeef_ffffn } as const;

/** struct iommu_hw_info_vtd: flags, a reserved word, CAP_REG, ECAP_REG. */
const HW_INFO_BYTES = 24;

const MIN_PAGE = 4096n;

/** The most PASIDs that a number has (PCIe). */
const MOST_PASID_BITS = 20;

function deviceAt(platform: Platform, device: number): DeviceHardware {
  return platform.devices[device] as DeviceHardware;
}

function hardwareAt(platform: Platform, device: number): IommuHardware {
  return platform.iommus[deviceAt(platform, device).iommu] as IommuHardware;
}

function featuresFor(platform: Platform, device: number): VtdFeatures {
  return vtdFeaturesOf(hardwareAt(platform, device));
}

/** Linux's intel-iommu (drivers/iommu/intel), as far as iommufd sees it. */
export const vtd: IommuDriver = {
  name: 'vtd',
  cacheCoherent: () => true,
  enforcesCoherency: (platform, device) => featuresFor(platform, device).snoopControl,
  dirtyTracking: (platform, device, rules) => tracks(featuresFor(platform, device), rules.vtd),

  hwInfo(platform, device, type) {
    if (type !== HW_INFO_TYPE.DEFAULT && type !== HW_INFO_TYPE.INTEL_VTD) return 'EOPNOTSUPP';
    const { cap = 0n, ecap = 0n } = hardwareAt(platform, device).vtd ?? {};
    const flags = BigInt(HW_INFO_VTD.ERRATA_772415_SPR17);
    return { type: HW_INFO_TYPE.INTEL_VTD, length: HW_INFO_BYTES, words: [flags, cap, ecap] };
  },

  reservedRegions: () => [{ ...INTERRUPT_RANGE, swMsi: false }],

  // intel_iommu_domain_alloc_paging_flags(): the first stage where it will do, else the second (rule R-20).
  allocPaging(platform, iommu, device, flags, userData) {
    if (userData !== null) return 'EOPNOTSUPP';
    const features = featuresFor(platform, device);
    const stage = stageFor(flags, features);
    if (stage === null) return 'EOPNOTSUPP';
    const nestParent = (flags & HWPT_ALLOC.NEST_PARENT) !== 0;
    const made: PagingDomain = {
      iommu: deviceAt(platform, device).iommu,
      stage,
      vmid: null,
      enforceCoherency: features.snoopControl,
      ...((flags & HWPT_ALLOC.DIRTY_TRACKING) === 0 ? {} : { tracksWrites: true }),
      geometry: {
        apertureStart: 0n,
        apertureLast: stage === 1 ? features.firstStageLast : features.secondStageLast,
        minPage: MIN_PAGE,
        // Erratum 772415: accessed and dirty flags of a guest's table may be written through a read-only mapping.
        ...(nestParent ? { writableOnly: true } : {}),
      },
    };
    return { iommu, made };
  },

  freePaging: (iommu) => iommu,
  // No vIOMMU object of this driver has a size.
  supportsViommu: () => false,
  initViommu: () => 'EOPNOTSUPP',
  freeViommu: (iommu) => iommu,
  allocNested: () => 'EOPNOTSUPP',
  legacyNesting: vtdNesting,
  initVdevice: () => 'EOPNOTSUPP',

  attach: (platform, device, domain, paging, _vsid, _pasidsInUse, rules) =>
    compatible(platform, device, domain, paging, rules.vtd),

  maxPasids(platform, device) {
    const { pasidBits } = featuresFor(platform, device);
    const bits = Math.min(pasidBits, deviceAt(platform, device).pasidBits ?? 0, MOST_PASID_BITS);
    return bits === 0 ? 0 : 2 ** bits;
  },

  hasPasidAttach: () => true,
  removesPasids: true,

  // intel_iommu_set_dev_pasid(), intel_nested_set_dev_pasid(): each PASID has an entry of its own, whatever the others have.
  attachPasid: (platform, device, domain, paging, _rid, rules) =>
    featuresFor(platform, device).pasidBits === 0
      ? 'EOPNOTSUPP'
      : compatible(platform, device, domain, paging, rules.vtd),

  invalidate: () => ({ issued: [], handled: 0, errno: 'EOPNOTSUPP' }),
  routeEvent: () => ({ to: 'host' }),
};

function stageFor(flags: number, features: VtdFeatures): 1 | 2 | null {
  if ((flags & ~HWPT_ALLOC.PASID) === 0 && features.firstStage) return 1;
  if ((flags & ~(HWPT_ALLOC.NEST_PARENT | HWPT_ALLOC.DIRTY_TRACKING | HWPT_ALLOC.PASID)) !== 0) return null;
  if ((flags & HWPT_ALLOC.NEST_PARENT) !== 0 && !features.nesting) return null;
  if ((flags & HWPT_ALLOC.DIRTY_TRACKING) !== 0 && !features.dirtyTracking) return null;
  return features.secondStage ? 2 : null;
}
