import type { Override } from '../../model/rules.ts';

/** The error path named the HWPT that the device was on, not the one that it had been meant for. */
export const failedReplaceUnreservesOld: Override = {
  name: 'failed-replace-unreserves-old',
  kind: 'defect',
  summary:
    "a replace refused across IOASes drops the device's reserved ranges in the IOAS that it stays in, and leaves them in the other",
  source: 'iommufd/device: Fix hwpt at err_unresv in iommufd_device_do_replace() (2024)',
  foundBy: 'refused-changes-nothing',
  rules: { iommufd: { failedReplaceUnreservesFrom: 'old' } },
};
