import { HW_INFO_TYPE } from '../../../spec/iommufd/constants.ts';
import type { DeviceHardware } from '../../platform/platform.ts';
import type { IommuDriver } from './driver.ts';

/** The smallest page, and the last IOVA of a domain. */
const MIN_PAGE = 4096n;
const LAST_IOVA = (1n << 48n) - 1n;

/** An IOMMU of another kind, whose driver maps pages and does nothing else of what iommufd can ask. */
export const plain: IommuDriver = {
  name: 'plain',
  cacheCoherent: () => true,
  enforcesCoherency: () => false,
  dirtyTracking: () => false,
  // iommufd answers for a driver that has no hw_info operation: no type, no data.
  hwInfo: () => ({ type: HW_INFO_TYPE.DEFAULT, length: 0, words: [] }),
  reservedRegions: () => [],
  allocPaging(platform, iommu, device, flags, userData) {
    if (flags !== 0 || userData !== null) return 'EOPNOTSUPP';
    return {
      iommu,
      made: {
        iommu: (platform.devices[device] as DeviceHardware).iommu,
        stage: 1,
        vmid: null,
        enforceCoherency: false,
        geometry: { apertureStart: 0n, apertureLast: LAST_IOVA, minPage: MIN_PAGE },
      },
    };
  },
  freePaging: (iommu) => iommu,
  supportsViommu: () => false,
  initViommu: () => 'EOPNOTSUPP',
  freeViommu: (iommu) => iommu,
  allocNested: () => 'EOPNOTSUPP',
  legacyNesting: null,
  initVdevice: () => 'EOPNOTSUPP',
  attach: (platform, device, domain) =>
    domain.iommu === (platform.devices[device] as DeviceHardware).iommu ? null : 'EINVAL',
  maxPasids: () => 0,
  hasPasidAttach: () => false,
  removesPasids: false,
  attachPasid: () => 'EOPNOTSUPP',
  invalidate: () => ({ issued: [], handled: 0, errno: 'EOPNOTSUPP' }),
  routeEvent: () => ({ to: 'host' }),
};
