import type { Override } from '../../../model/rules.ts';

export const pageRequestsReadInPart: Override = {
  name: 'page-requests-read-in-part',
  kind: 'defect',
  summary:
    'a read that ends in the middle of a group gives what it copied, and the group waits to be read again',
  source: 'iommufd: Avoid partial fault group delivery in iommufd_fault_fops_read() (091ab6d)',
  rules: { pageRequests: { groupIsReadWhole: false } },
};
