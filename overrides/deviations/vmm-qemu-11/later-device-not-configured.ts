import type { Override } from '../../../model/rules.ts';

/**
 * The first device behind a vSMMU is put on what GBPA says; for every other one set_iommu_device() returns early,
 * and it stays on the guest's memory until the guest's next CFGI_STE, even behind another pSMMU, since its vDEVICE is
 * made only then. What the guest wrote into the stream table before is not looked at for either. The guest sees an
 * invalid STE, the device all of memory.
 */
export const laterDeviceNotConfigured: Override = {
  name: 'later-device-not-configured',
  kind: 'deviation',
  summary: 'a device plugged later reads and writes guest memory until the guest issues CFGI_STE',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_set_iommu_device()',
  rules: {
    vmm: {
      plugConfigures: (isFirst) => (isFirst ? 'as-gbpa' : 'guest-memory'),
      asksIfDeviceNests: false,
      vdeviceAtPlug: false,
    },
  },
};
