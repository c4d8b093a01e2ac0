import type { IommuHardware } from '../../model/platform/platform.ts';
import { update } from '../../spec/bits.ts';
import { idr0, idr1, idr3, idr5 } from '../../spec/smmuv3/id-registers.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES, smmuWith } from './vsmmu-hardware.ts';

const only = ([word = 0n]: readonly bigint[]): number => Number(word);

/** A pSMMU whose stream table is linear and has 2^8 entries, which is the host's business alone. */
function smallTable(name: string): IommuHardware {
  const base = smmuWith(name, { oas: AddressSize.Bits48 });
  const [i0 = 0, i1 = 0, ...rest] = base.idr;
  return {
    ...base,
    idr: [
      only(update(idr0, [BigInt(i0)], { ST_LEVEL: 0 })),
      only(update(idr1, [BigInt(i1)], { SIDSIZE: 8 })),
      ...rest,
    ],
  };
}

/** A pSMMU with pages of 16 KiB only, and without what a guest may take for granted. */
function only16K(name: string): IommuHardware {
  const base = smmu(name);
  const [i0 = 0, i1 = 0, i2 = 0, i3 = 0, i4 = 0, i5 = 0] = base.idr;
  return {
    ...base,
    idr: [
      i0,
      i1,
      i2,
      only(update(idr3, [BigInt(i3)], { HAD: 0, BBML: 0 })),
      i4,
      only(update(idr5, [BigInt(i5)], { GRAN4K: 0, GRAN64K: 0 })),
    ],
  };
}

export const oddHosts: Scope = {
  name: 'odd-hosts',
  summary:
    'A virtual machine with a vSMMU that is specified and one that is left to the host, and devices behind pSMMUs that differ in what a VMM emulates, in granules, and in what nobody asks for.',
  adversary: 'guest',
  platform: {
    name: 'odd-hosts',
    kernel: kernel({}),
    iommus: [
      smmuWith('smmu0', {}),
      smallTable('smmu1'),
      only16K('smmu2'),
      smmuWith('smmu3', { oas: AddressSize.Bits48 }),
    ],
    devices: devices([
      { iommu: 0, group: 0, streamIds: [0x10] },
      { iommu: 1, group: 1, streamIds: [0x10] },
      { iommu: 2, group: 2, streamIds: [0x10] },
      { iommu: 3, group: 3, streamIds: [0x10] },
    ]),
    its: [ITS],
    vms: ['vm0'],
    vmHardware: [
      {
        vm: 'vm0',
        vsmmus: [DEFAULT_PROPERTIES, { ...DEFAULT_PROPERTIES, auto: ['ats', 'ril', 'ssidSize'] }],
      },
    ],
    userMemory: [USER_MEMORY],
  },
};
