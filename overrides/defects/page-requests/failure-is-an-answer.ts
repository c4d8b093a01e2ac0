import type { Override } from '../../../model/rules.ts';

export const failureIsAnAnswer: Override = {
  name: 'failure-is-an-answer',
  kind: 'defect',
  summary: 'user space may answer with a failure, upon which a device makes no page requests any more',
  source: 'iommufd: Remove IOMMUFD_PAGE_RESP_FAILURE (861f96a78514)',
  rules: { pageRequests: { answers: [0, 1, 2] } },
};
