import type { Override } from '../../../model/rules.ts';

/**
 * iommufd_device_do_replace() reserves the devices' ranges in the new IOAS only if it is not the old one, but its
 * error path takes them out of it in any case. After a refused replace within one IOAS, IOVA_RANGES lacks the hole
 * of the MSI window although the device is still attached, and user memory can be mapped there.
 */
export const failedReplaceUnreserves: Override = {
  name: 'failed-replace-unreserves',
  kind: 'deviation',
  summary: "a replace refused within one IOAS drops the attached devices' reserved ranges",
  source: 'Linux 7.2.13 iommufd_device_do_replace(); recording smmuv3-findings, section F-2',
  rules: { iommufd: { failedReplaceUnreserves: true } },
};
