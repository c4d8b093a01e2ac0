import type { DeviceHardware, IommuHardware } from '../../model/platform/platform.ts';
import { MOCK_DEVICE } from '../../spec/iommufd/selftest.ts';

/** The mock IOMMU of the kernel's own selftests. It has no registers. */
export const MOCK_IOMMU: IommuHardware = { kind: 'mock', name: 'mock', idr: [], iidr: 0, aidr: 0 };

/** Page requests that a mock device can have outstanding: nothing there counts them. */
const PAGE_REQUESTS = 1 << 20;

const KINDS = [0, MOCK_DEVICE.NO_DIRTY, MOCK_DEVICE.PASID, MOCK_DEVICE.NO_DIRTY | MOCK_DEVICE.PASID];

/** Mock devices that can be made: so many of each kind (`MOCK_DEVICE`), each in a group of its own. */
export function mockDevices(each: number, kinds: readonly number[] = KINDS): readonly DeviceHardware[] {
  return kinds
    .flatMap((mock) => new Array<number>(each).fill(mock))
    .map((mock, index) => ({
      id: `dev${index}`,
      iommu: 0,
      group: index,
      streamIds: [index],
      canwbs: true,
      bar0Size: 0,
      msiVectors: 0,
      its: 0,
      configSize: 256,
      pageRequests: PAGE_REQUESTS,
      mock,
    }));
}
