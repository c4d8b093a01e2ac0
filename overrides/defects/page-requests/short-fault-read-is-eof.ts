import type { Override } from '../../../model/rules.ts';

export const shortFaultReadIsEof: Override = {
  name: 'short-fault-read-is-eof',
  kind: 'defect',
  summary: 'a read too short for the group that waits gives no bytes in place of EINVAL',
  source: 'iommufd: Reject invalid read count in iommufd_fault_fops_read() (2026)',
  rules: { pageRequests: { shortReadIsRefused: false } },
};
