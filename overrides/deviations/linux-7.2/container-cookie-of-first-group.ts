import type { Override } from '../../../model/rules.ts';

/** The first group's devices have their doorbells before the IOMMU, a later one's have not; the other way round all is well. */
export const containerCookieOfFirstGroup: Override = {
  name: 'container-cookie-of-first-group',
  kind: 'deviation',
  summary:
    "a container's domain follows MSIs only if the first group in it needs that, so that a later group's interrupts are lost",
  source:
    'drivers/vfio/vfio_iommu_type1.c: vfio_iommu_type1_attach_group() asks for a cookie only where it keeps the new domain; read in the source of Linux 5.13 to 6.17, in no recording',
  rules: { legacy: { everyGroupBringsCookie: false } },
};
