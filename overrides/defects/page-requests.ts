import { table } from '../table.ts';

/** Bugs of fault queues. */
export const PAGE_REQUEST_DEFECTS = table({
  'page-requests-read-in-part': {
    kind: 'defect',
    summary:
      'a read that ends in the middle of a group returns the part that it copied, and the group stays in the queue',
    source: 'iommufd: Avoid partial fault group delivery in iommufd_fault_fops_read() (091ab6d)',
    rules: { pageRequests: { groupIsReadWhole: false } },
  },
  'short-fault-read-is-eof': {
    kind: 'defect',
    summary: 'a read too short for the waiting group returns 0 bytes instead of EINVAL',
    source: 'iommufd: Reject invalid read count in iommufd_fault_fops_read() (2026)',
    rules: { pageRequests: { shortReadIsRefused: false } },
  },
  'unread-page-requests-outlive-detach': {
    kind: 'defect',
    summary: 'page requests that nobody has read stay in the queue after their device has left the HWPT',
    source:
      'iommu/iommufd: Fix IOPF group ownership UAF (CVE-2026-74520): the queue and the detach each thought that the group was theirs',
    rules: { pageRequests: { leavingAnswers: 'read' } },
  },
  'failure-is-an-answer': {
    kind: 'defect',
    summary: 'user space may answer page requests with a failure, upon which the device makes no more',
    source: 'iommufd: Remove IOMMUFD_PAGE_RESP_FAILURE (861f96a78514)',
    rules: { pageRequests: { answers: [0, 1, 2] } },
  },
});
