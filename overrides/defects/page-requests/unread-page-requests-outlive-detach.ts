import type { Override } from '../../../model/rules.ts';

export const unreadPageRequestsOutliveDetach: Override = {
  name: 'unread-page-requests-outlive-detach',
  kind: 'defect',
  summary: 'page requests that nobody has read stay in the queue when their device leaves the HWPT',
  source:
    'iommu/iommufd: Fix IOPF group ownership UAF (CVE-2026-74520): the queue and the detach each thought that the group was theirs',
  rules: { pageRequests: { leavingAnswers: 'read' } },
};
