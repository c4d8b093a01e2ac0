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
  /** The guest that boots next found an SMMU that the one before had enabled, with a stream table of its own. */
  'reset-keeps-registers': {
    kind: 'defect',
    summary: 'a system reset leaves CR0 and GBPA of a vSMMU as they were',
    source: 'hw/arm/smmuv3: Fix device reset (QEMU 43530095e1)',
    foundBy: 'reset-is-as-at-power-on',
    rules: { vmm: { resetClearsRegisters: false } },
  },
});
