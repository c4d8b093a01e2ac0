import { makesPageRequests } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const answersLeavePageRequestsOn: StateProperty = {
  id: 'answers-leave-page-requests-on',
  sentence:
    "No response of user space disables a device's page requests, since a physical function shares them with its virtual ones.",
  source: 'iommufd: Remove IOMMUFD_PAGE_RESP_FAILURE (861f96a78514); PCIe ATS 10.4.2: Response Failure',
  kind: 'state',
  brokenBy: 'failure-is-an-answer',
  appliesTo: makesPageRequests,
  violated({ pageRequests, platform }) {
    const device = pageRequests?.off[0];
    return device === undefined
      ? null
      : `an answer switched off the page requests of ${platform.devices[device]?.id}`;
  },
  witness: ({ pageRequests }) => (pageRequests?.awaited ?? []).some((each) => each.length > 0),
};
