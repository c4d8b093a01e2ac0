import type { Override } from '../../../model/rules.ts';
import { qemuOrderOfCalls } from './order-of-calls.ts';

/**
 * The first device behind a vSMMU is put on what GBPA says, also while SMMUEN is set; for every other one
 * set_iommu_device() returns early, and it stays on the nesting parent until the guest's next CFGI_STE, even behind
 * another pSMMU, since its vDEVICE is made only then. The guest sees an invalid STE, the device all of memory.
 */
export const laterDeviceNotConfigured: Override = {
  name: 'later-device-not-configured',
  kind: 'deviation',
  summary: 'a device that is plugged later reaches all guest memory until the guest issues CFGI_STE',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_set_iommu_device(); recorded (hotplug, other-psmmu)',
  rules: {
    vmm: {
      ...qemuOrderOfCalls.rules.vmm,
      plugConfigures: (isFirst) => (isFirst ? 'as-gbpa' : 'nothing'),
      asksIfDeviceNests: false,
    },
  },
};

/** unset_iommu_device() puts the device back on the nesting parent before anything else, while its driver may still use it. */
export const unplugOpensMemory: Override = {
  name: 'unplug-opens-memory',
  kind: 'deviation',
  summary: 'an unplugged device reaches all guest memory for a moment before it is detached',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_unset_iommu_device(); recorded (hotplug, unplug-last)',
  rules: {
    vmm: {
      ...qemuOrderOfCalls.rules.vmm,
      unplugSteps: [
        'attach-parent',
        'destroy-hwpt',
        'destroy-vdevice',
        'free-backing',
        'detach',
        'put-parent',
        'put-container',
        'close-iommufd',
        'close-device',
      ],
    },
  },
};

/** sharing across vSMMUs is said to be intended (smmuv3_accel_find_add_as()); a kernel that tags by parent then has one tag for both. */
export const containersParentShared: Override = {
  name: 'parent-shared-by-container',
  kind: 'deviation',
  summary: 'the vSMMUs of a machine share a nesting parent, and so on Linux its VMID',
  source: 'QEMU hw/vfio/iommufd.c: iommufd_cdev_autodomains_get(); recorded (two-vsmmus)',
  rules: { vmm: { ...unplugOpensMemory.rules.vmm, parentIs: 'container' } },
};

/** The vDEVICE stays that of the StreamID under which it was made; a looked-up bus number stays what it was (smmu_find_sdev()). */
export const renumberKeepsVdevice: Override = {
  name: 'renumber-keeps-vdevice',
  kind: 'deviation',
  summary: "after the guest has changed bus numbers, a device's vDEVICE keeps the old StreamID",
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_alloc_vdev(); hw/arm/smmu-common.c; recorded (hotplug)',
  rules: { vmm: { renumberMakesVdevice: false, oldStreamsAnswer: true } },
};
