import { table } from '../table.ts';

/** What VFIO's containers were and are: neither is against linux/vfio.h of that kernel. */
export const CONTAINER_DESIGNS = table({
  /** Read, not recorded. */
  'containers-of-6-11': {
    kind: 'design',
    summary: 'containers can be asked to nest, and a range that leaves the address space is EINVAL',
    source:
      'Linux 6.11 drivers/vfio/vfio_iommu_type1.c; linux/vfio.h: VFIO_TYPE1_NESTING_IOMMU; in no recording',
    rules: { legacy: { containersNest: true, containerWrapErrno: 'EINVAL' } },
  },
  'containers-of-7-2': {
    kind: 'design',
    summary: 'containers do not nest, and a range that leaves the address space is EOVERFLOW',
    source:
      'Linux 7.2.13 vfio_iommu_type1_check_extension(), vfio_dma_do_map(), vfio_dma_do_unmap(); recording container-walks',
    rules: { legacy: { containersNest: false, containerWrapErrno: 'EOVERFLOW' } },
  },
});
