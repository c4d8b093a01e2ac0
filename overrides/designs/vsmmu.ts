import type { RuleChanges } from '../../model/rules.ts';
import { fits, misfitText } from '../../spec/vsmmu/fits.ts';
import { leastCommon } from '../../spec/vsmmu/least-common.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import { table } from '../table.ts';
import { registersMostCapable } from './most-capable.ts';

export const registersInheritedRules = {
  vmm: {
    registers(_properties, present) {
      const first = present.find(({ here, registers }) => here && registers !== null)?.registers ?? null;
      return first === null ? null : leastCommon([first], EMULATED_REGISTERS);
    },
  },
} satisfies RuleChanges;

/** Where a vSMMU's registers could come from, other than from the operator: design by the name it is chosen by. */
export const VSMMU_DESIGNS = table({
  /**
   * "Inherit from host": the first device behind the vSMMU decides, and then it stands. Nothing decides before there
   * is one, and a machine that arrives on another host asks the device there.
   */
  inherit: {
    name: 'registers-inherited',
    kind: 'design',
    summary: "a vSMMU's ID registers are those of the pSMMU in front of its first device",
    source: 'seed 000, Jason Gunthorpe: "what the smmu patches are doing now is inherit from host"',
    rules: registersInheritedRules,
  },
  /** What every physical SMMU in front of a device of the machine can do, so that any of them may back any vSMMU. */
  'least-common': {
    name: 'registers-least-common',
    kind: 'design',
    summary: "a vSMMU's ID registers are the least common denominator of the pSMMUs present at boot",
    source: 'seed 003, Jacob Pan: "vIOMMU should check the least common denominator features before commit"',
    rules: {
      vmm: {
        registers(_properties, present) {
          const known = present.flatMap(({ registers }) => (registers === null ? [] : [registers]));
          return known.length === 0 ? null : leastCommon(known, EMULATED_REGISTERS);
        },
      },
    },
  },
  'most-capable': registersMostCapable,
  /**
   * The operator names the physical IOMMU of each vSMMU, and that alone is compared at plug. The kernel takes no such
   * name where it wants a device, so the registers still come from the first device.
   */
  'id-handle': {
    name: 'iommu-id-is-handle',
    kind: 'design',
    summary: 'the operator assigns an IOMMU id to each vSMMU; a device fits if the kernel tells the same id',
    source:
      'seed 000, Shameer Kolothum: "Qemu checks whether the assigned id matches with whatever the kernel tell it"',
    rules: {
      vmm: {
        ...registersInheritedRules.vmm,
        asksWithoutDevice: 'iommu-id',
        plugObjections: (_registers, iommu, properties) =>
          iommu.name === properties.iommu ? [] : [`IOMMU ${iommu.name}, not ${properties.iommu}`],
      },
    },
  },
  /** What the interface allows a VMM to read, to the letter: what it does not list is assumed. */
  'listed-fields': {
    name: 'listed-fields-compared',
    kind: 'design',
    summary: 'a plug compares the fields that linux/iommufd.h lists, and no other',
    source:
      'linux/iommufd.h, struct iommu_hw_info_arm_smmuv3: "It is important that VMMs do not read bits outside the list"',
    rules: {
      vmm: {
        plugObjections: (registers, { registers: host }) =>
          host === null
            ? ['no SMMUv3']
            : fits(registers, host)
                .filter(({ rule }) => rule.inHwInfo)
                .map(misfitText),
      },
    },
  },
  /** A vSMMU can be like a pSMMU without a device of it, since any process may ask any IOMMU's driver. */
  'driver-backdoor': {
    name: 'driver-without-device',
    kind: 'design',
    summary: "a VMM asks the host's IOMMU driver for the ID registers, without a device",
    source: 'seed 000, Shameer Kolothum: "something like the vfio_register_iommu_driver() for iommufd"',
    rules: {
      vmm: { ...registersInheritedRules.vmm, asksWithoutDevice: 'driver', driverAnswersWithoutDevice: true },
    },
  },
});
