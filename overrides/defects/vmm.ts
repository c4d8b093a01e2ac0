import { table } from '../table.ts';

export const VMM_DEFECTS = table({
  /** QEMU put text before an error that nobody had set, and crashed. */
  'attach-fails-without-reason': {
    kind: 'defect',
    summary: 'if the kernel refuses a plug, the VMM gives no reason',
    source: 'vfio/iommufd: Fix SIGSEV in iommufd_cdev_attach() (QEMU 7b3d5b84cb)',
    foundBy: 'refused-plug-says-why',
    rules: { vmm: { tellsKernelRefusal: false } },
  },
  /** QEMU crashed as it took the second device off what it did not know. */
  'second-device-forgotten': {
    kind: 'defect',
    summary:
      'a VMM that takes over from another process knows what the first device of several is on, and of no other',
    source: "vfio/iommufd: Restore vbasedev's reference to hwpt after CPR transfer (QEMU 8bf49fff0d)",
    foundBy: 'live-update-loses-nothing',
    rules: { vmm: { takenOverPlace: (first) => first } },
  },
  /** The guest that boots next found an SMMU that the one before had enabled, with a stream table of its own. */
  'reset-keeps-registers': {
    kind: 'defect',
    summary: 'a system reset leaves CR0 and GBPA of a vSMMU as they were',
    source: 'hw/arm/smmuv3: Fix device reset (QEMU 43530095e1)',
    foundBy: 'reset-is-as-at-power-on',
    rules: { vmm: { resetClearsRegisters: false } },
  },
});
