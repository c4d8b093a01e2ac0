import type { Override } from '../../model/rules.ts';

/** QEMU put text before an error that nobody had set, and crashed. */
export const attachFailsWithoutReason: Override = {
  name: 'attach-fails-without-reason',
  kind: 'defect',
  summary: 'a plug that the kernel refuses does not say why',
  source: 'vfio/iommufd: Fix SIGSEV in iommufd_cdev_attach() (QEMU 7b3d5b84cb)',
  foundBy: 'refused-plug-says-why',
  rules: { vmm: { tellsKernelRefusal: false } },
};
