import { encode } from '../../spec/bits.ts';
import { iidr } from '../../spec/smmuv3/id-registers.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';
import { devices, ITS, kernel, type Placement, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES, plainIommu, smmuWith } from './vsmmu-hardware.ts';

/** An implementation of Arm's (IIDR.Implementer 0x43B). */
function armProduct(product: number, variant: number): number {
  return Number(encode(iidr, { Implementer: 0x43b, ProductID: product, Variant: variant })[0]);
}

const MMU_600 = 0x483;
const MMU_700 = 0x487;

/** Six devices in the host on which the machine starts, the last of them behind no SMMU; two where it can go. */
const PLACEMENTS: readonly Placement[] = [
  { iommu: 0, group: 0, streamIds: [0x10] },
  { iommu: 0, group: 1, streamIds: [0x18] },
  { iommu: 1, group: 2, streamIds: [0x10] },
  { iommu: 2, group: 3, streamIds: [0x10] },
  { iommu: 3, group: 4, streamIds: [0x10] },
  { iommu: 4, group: 5, streamIds: [0x10], host: 1 },
  { iommu: 5, group: 6, streamIds: [0x10], host: 1 },
  { iommu: 6, group: 7, streamIds: [0x10] },
];

export const mixedHost: Scope = {
  name: 'mixed-host',
  summary:
    'Two hosts with pSMMUs of different capabilities, one of which has an erratum that forbids nesting, and an IOMMU of another kind; a virtual machine with two vSMMUs: what fits where, and what a guest notices of it.',
  adversary: 'guest',
  platform: {
    name: 'mixed-host',
    kernel: kernel({}),
    iommus: [
      smmuWith('smmu0', { oas: AddressSize.Bits48, ssidSize: 16, iidr: armProduct(MMU_700, 1) }),
      smmuWith('smmu1', { oas: AddressSize.Bits40, ril: false, iidr: armProduct(MMU_600, 2) }),
      smmuWith('smmu2', { oas: AddressSize.Bits48, ssidSize: 16, asid16: false }),
      smmuWith('smmu3', { oas: AddressSize.Bits48, ssidSize: 16, iidr: armProduct(MMU_700, 0) }),
      smmuWith('smmu4', { oas: AddressSize.Bits44, ssidSize: 8, iidr: armProduct(MMU_700, 1) }),
      smmuWith('smmu5', { oas: AddressSize.Bits40, granule16K: false }),
      plainIommu('iommu6'),
    ],
    devices: devices(PLACEMENTS),
    its: [ITS],
    vms: ['vm0'],
    vmHardware: [
      {
        vm: 'vm0',
        vsmmus: [
          DEFAULT_PROPERTIES,
          { ...DEFAULT_PROPERTIES, oas: AddressSize.Bits40, ril: false, iommu: 'smmu1' },
        ],
      },
    ],
    userMemory: [USER_MEMORY],
  },
};
