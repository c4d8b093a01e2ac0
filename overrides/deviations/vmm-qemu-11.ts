import type { Override } from '../../model/rules.ts';
import { guestSteMask } from '../../spec/smmuv3/ste.ts';
import { listed, table } from '../table.ts';
import { fixedFieldsUnchecked } from './fixed-fields-unchecked.ts';

/** Where QEMU 11's accelerated vSMMU does not do what a guest is promised; read in its source. */
export const VMM_QEMU_11 = table({
  /**
   * The first device behind a vSMMU is put on what GBPA says; for every other one set_iommu_device() returns early,
   * and it stays on the guest's memory until the guest's next CFGI_STE, even behind another pSMMU, since its vDEVICE is
   * made only then. What the guest wrote into the stream table before is not looked at for either. The guest sees an
   * invalid STE, the device all of memory.
   */
  'later-device-not-configured': {
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
  },
  'fixed-fields-unchecked': fixedFieldsUnchecked,
  /** The words are masked before IOMMU_HWPT_ALLOC sees them: a bit that makes an STE illegal makes no difference. */
  'illegal-ste-bits-dropped': {
    kind: 'deviation',
    summary: "bits of a guest's STE that are not the guest's are dropped instead of making it illegal",
    source: 'QEMU hw/arm/smmuv3-accel.c: STE0_MASK, STE1_MASK',
    rules: {
      vmm: { steForKernel: (words) => words.map((word, index) => word & (guestSteMask[index] ?? 0n)) },
    },
  },
  /** When an STE cannot be installed, the HWPT of the one before it stays attached, and the command queue stops. */
  'refused-ste-keeps-previous': {
    kind: 'deviation',
    summary: 'a device whose new STE the kernel refuses goes on translating by the old one',
    source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_install_ste()',
    rules: { vmm: { refusedSte: 'previous' } },
  },
});

/** The same, in their order. */
export const vmmQemu11: readonly Override[] = listed(VMM_QEMU_11);
