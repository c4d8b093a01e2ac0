import { maskOf } from '../../../spec/bits.ts';
import type { Errno } from '../../../spec/errno.ts';
import { HW_INFO_TYPE, HWPT_ALLOC, HWPT_DATA, VIOMMU_TYPE } from '../../../spec/iommufd/constants.ts';
import { guestSteMask, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import { releaseVmid, takeVmid } from '../../host/iommu.ts';
import { doorbellPages, itsOf } from '../../platform/doorbell.ts';
import type { DeviceHardware, Platform } from '../../platform/platform.ts';
import { featuresOf, type SmmuFeatures } from '../../platform/smmu-features.ts';
import { copyStruct } from '../user-data.ts';
import type { IommuDriver, NestedStream, PagingDomain, UserData } from './driver.ts';
import { routeEvent } from './smmuv3-events.ts';
import { invalidate } from './smmuv3-invalidate.ts';

/** The window in which the driver lets the kernel place MSI doorbells (MSI_IOVA_BASE, MSI_IOVA_LENGTH). */
export const MSI_WINDOW = { start: 0x800_0000n, last: 0x80f_ffffn } as const;

const RESERVED_REGIONS = Object.freeze([Object.freeze({ ...MSI_WINDOW, swMsi: true })]);

/** struct iommu_hw_info_arm_smmuv3: flags, a reserved word, IDR0 to IDR5, IIDR, AIDR. */
const HW_INFO_BYTES = 40;

/** struct iommu_hwpt_arm_smmuv3: the two STE words. */
const VSTE_BYTES = 16;

/** Width of StreamID in commands and event records. */
const STREAM_ID_BITS = 32n;

/**
 * The smallest page of a domain: the kernel's own where tables can be of such pages, else the largest below, else the
 * smallest above (arm_lpae_restrict_pgsizes()).
 */
function minPageOf({ kernel: { pageSize } }: Platform, { granules }: SmmuFeatures): bigint {
  const below = granules.filter((each) => each <= pageSize);
  return below.at(-1) ?? granules[0] ?? pageSize;
}

function deviceAt(platform: Platform, device: number): DeviceHardware {
  return platform.devices[device] as DeviceHardware;
}

function featuresFor(platform: Platform, device: number): SmmuFeatures {
  const hardware = platform.iommus[deviceAt(platform, device).iommu];
  return featuresOf(hardware as Platform['iommus'][number]);
}

/** Linux's arm-smmu-v3 (drivers/iommu/arm/arm-smmu-v3), as far as iommufd sees it. */
export const smmuv3: IommuDriver = {
  name: 'smmuv3',

  cacheCoherent: (platform, device) => featuresFor(platform, device).coherentWalks,

  enforcesCoherency: (platform, device) => deviceAt(platform, device).canwbs,

  dirtyTracking: (platform, device) => featuresFor(platform, device).dirtyTracking,

  hwInfo(platform, device, type) {
    if (type !== HW_INFO_TYPE.DEFAULT && type !== HW_INFO_TYPE.ARM_SMMUV3) return 'EOPNOTSUPP';
    const { idr, iidr, aidr } = platform.iommus[
      deviceAt(platform, device).iommu
    ] as Platform['iommus'][number];
    const halves = [0, 0, ...idr, iidr, aidr].map((half) => BigInt(half));
    const words: bigint[] = [];
    for (let i = 0; i < halves.length; i += 2) words.push((halves[i] ?? 0n) | ((halves[i + 1] ?? 0n) << 32n));
    return { type: HW_INFO_TYPE.ARM_SMMUV3, length: HW_INFO_BYTES, words };
  },

  // A device whose MSIs the SMMU never sees has its doorbells in place of the window.
  reservedRegions(platform, device) {
    const its = itsOf(platform, device);
    if (its.untranslated !== true) return RESERVED_REGIONS;
    const size = BigInt(doorbellPages(its)) * platform.kernel.pageSize;
    return [{ start: its.doorbell, last: its.doorbell + size - 1n, swMsi: false }];
  },

  // arm_smmu_domain_alloc_paging_flags(): exactly five sets of flags exist.
  allocPaging(platform, iommu, device, flags, userData) {
    if (userData !== null) return 'EOPNOTSUPP';
    const features = featuresFor(platform, device);
    const stage = stageFor(flags, features);
    if (stage === null) return 'EOPNOTSUPP';
    const domain: PagingDomain = {
      iommu: deviceAt(platform, device).iommu,
      stage,
      vmid: null,
      enforceCoherency: deviceAt(platform, device).canwbs,
      geometry: {
        apertureStart: 0n,
        apertureLast: stage === 1 ? features.stage1Last : features.stage2Last,
        minPage: minPageOf(platform, features),
      },
    };
    if (stage === 1) return { iommu, made: domain };
    const taken = takeVmid(iommu, features.vmidBits);
    return taken === null ? 'ENOSPC' : { iommu: taken.iommu, made: { ...domain, vmid: taken.vmid } };
  },

  freePaging: (iommu, domain) => (domain.vmid === null ? iommu : releaseVmid(iommu, domain.vmid)),

  // A guest must not be able to make its device's DMA incoherent, since nobody maintains caches for it. S2FWB would
  // do too, but no platform here has it.
  supportsViommu(platform, device, type) {
    const { nesting } = featuresFor(platform, device);
    return nesting && deviceAt(platform, device).canwbs && type === VIOMMU_TYPE.ARM_SMMUV3;
  },

  initViommu(iommu, platform, device, parent, rules) {
    if (parent.iommu !== deviceAt(platform, device).iommu) return 'EINVAL';
    if (!rules.iommufd.vsmmuOwnsVmid) return { iommu, made: parent.vmid ?? 0 };
    const taken = takeVmid(iommu, featuresFor(platform, device).vmidBits);
    return taken === null ? 'ENOSPC' : { iommu: taken.iommu, made: taken.vmid };
  },

  freeViommu: (iommu, vmid, parent) => (vmid === parent.vmid ? iommu : releaseVmid(iommu, vmid)),

  allocNested(iommu, flags, data) {
    if ((flags & ~HWPT_ALLOC.FAULT_ID_VALID) !== 0) return 'EOPNOTSUPP';
    const words = copyVste(data);
    return typeof words === 'string' ? words : acceptVste(iommu, words);
  },

  legacyNesting: null,

  // Two StreamIDs cannot both be behind one virtual one.
  initVdevice(platform, device, virtId, rules) {
    if (deviceAt(platform, device).streamIds.length !== 1 && rules.iommufd.vdeviceNeedsOneStream)
      return 'EOPNOTSUPP';
    return virtId >= 1n << STREAM_ID_BITS && rules.smmuDriver.virtIdFitsStreamId ? 'EINVAL' : null;
  },

  // arm_smmu_attach_prepare(): the vDEVICE comes first, then the coherency of the domain that is under it all.
  attach(platform, device, domain, paging, vsid, pasidsInUse, rules) {
    const { iommu, canwbs } = deviceAt(platform, device);
    if (domain.iommu !== iommu) return 'EINVAL';
    // Without a CD table of the host's in the STE there is no place for the CDs of PASIDs.
    if (pasidsInUse && ('config' in domain || domain.stage === 2)) return 'EBUSY';
    const nested = 'config' in domain ? domain : null;
    if (nested?.config === 'firstStage' || nested?.config === 'mock') return 'EINVAL';
    if (nested !== null && vsid === null && rules.iommufd.nestedAttachNeedsVdevice(nested.config))
      return 'ENOENT';
    if (canwbs) return null;
    if (paging.enforceCoherency) return 'EINVAL';
    return nested?.config === 's1Translate' && rules.smmuDriver.nestedDeviceIsCoherent ? 'EINVAL' : null;
  },

  maxPasids(platform, device) {
    const bits = ssidBits(platform, device);
    return bits === 0 ? 0 : 2 ** bits;
  },

  // Guests own the CD table of a nested stream, so its ops have no set_dev_pasid. All paging domains share theirs.
  hasPasidAttach: (domain) => !('config' in domain),

  removesPasids: true,

  // arm_smmu_s1_set_dev_pasid(), arm_smmu_set_pasid() (rule R-45).
  attachPasid(platform, device, domain, _paging, rid) {
    const { iommu, canwbs } = deviceAt(platform, device);
    if (domain.iommu !== iommu || 'config' in domain || domain.stage !== 1) return 'EINVAL';
    if (domain.enforceCoherency && !canwbs) return 'EINVAL';
    // Any other domain than a stage-1 one keeps the CD table out of the STE; blocked is no domain in the way.
    return rid === null || (!('config' in rid) && rid.stage === 1) ? null : 'EINVAL';
  },

  invalidate,
  routeEvent,
};

/** What both the pSMMU and the device have (master->ssid_bits). */
function ssidBits(platform: Platform, device: number): number {
  return Math.min(featuresFor(platform, device).ssidBits, deviceAt(platform, device).pasidBits ?? 0);
}

function stageFor(flags: number, features: SmmuFeatures): 1 | 2 | null {
  switch (flags) {
    case 0:
      return features.stage1 ? 1 : 2;
    case HWPT_ALLOC.NEST_PARENT:
      return features.nesting ? 2 : null;
    case HWPT_ALLOC.DIRTY_TRACKING:
    case HWPT_ALLOC.DIRTY_TRACKING | HWPT_ALLOC.PASID:
    case HWPT_ALLOC.PASID:
      return features.stage1 ? 1 : null;
    default:
      return null;
  }
}

/** iommu_copy_struct_from_user(): the type and the exact length count, then the memory. */
function copyVste(data: UserData): readonly bigint[] | Errno {
  if (data.type !== HWPT_DATA.ARM_SMMUV3 || data.length !== VSTE_BYTES) return 'EINVAL';
  return copyStruct(data.words, 0, VSTE_BYTES, VSTE_BYTES);
}

const VALID = maskOf(ste, ['V'])[0] as bigint;
const CONFIG_SHIFT = BigInt(ste.fields.Config.lsb);
const EATS_SHIFT = BigInt(ste.fields.EATS.lsb);

const CONFIGS: ReadonlyMap<number, NestedStream['config']> = new Map([
  [SteConfig.Abort, 'abort'],
  [SteConfig.Bypass, 'bypass'],
  [SteConfig.S1Trans, 's1Translate'],
]);

/**
 * arm_smmu_validate_vste() (rule R-23). V=0 is taken as an abort whatever else is set; bits that the host owns, a
 * stage-2 Config and split-stage ATS are EIO. What the pSMMU would find wrong with the rest it reports itself.
 */
function acceptVste(iommu: number, words: readonly bigint[]): NestedStream | Errno {
  const [word0 = 0n, word1 = 0n] = words;
  if ((word0 & VALID) === 0n) return { iommu, config: 'abort', ste: [0n, 0n], enableAts: false };
  if ((word0 & ~(guestSteMask[0] ?? 0n)) !== 0n || (word1 & ~(guestSteMask[1] ?? 0n)) !== 0n) return 'EIO';
  const config = CONFIGS.get(Number((word0 >> CONFIG_SHIFT) & 7n));
  if (config === undefined) return 'EIO';
  const eats = (word1 >> EATS_SHIFT) & 3n;
  if (eats > 1n) return 'EIO';
  // Of a bypass the guest's EATS does not count: as on a stage-2 domain, the host decides.
  const enableAts = config === 'bypass' || (config === 's1Translate' && eats === 1n);
  return { iommu, config, ste: [word0, word1], enableAts };
}
