import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';

/** The decision points of page requests. */
export interface PageRequestRules {
  /** Whether a group that could be copied in part only is left whole in the queue, and nothing of it counts as read. */
  faultGroupIsReadWhole(): boolean;
  /** Whether a read that has no room for the first group that waits is refused, rather than answered with no bytes. */
  shortFaultReadIsRefused(): boolean;
  /** Which groups of a device are answered when it leaves its HWPT: all, or those alone that have been read. */
  leavingAnswers(): 'all' | 'read';
  /** What user space may answer. */
  pageAnswers(): readonly number[];
}

export const pageRequestsIntended: PageRequestRules = Object.freeze({
  faultGroupIsReadWhole: () => true,
  shortFaultReadIsRefused: () => true,
  leavingAnswers: () => 'all',
  pageAnswers: () => [PAGE_RESPONSE.SUCCESS, PAGE_RESPONSE.INVALID],
} satisfies PageRequestRules);
