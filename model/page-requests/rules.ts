import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';

/** The decision points of page requests. */
export interface PageRequestsRules {
  /** Whether a group that could be copied in part only is left whole in the queue, and nothing of it counts as read. */
  readonly groupIsReadWhole: boolean;
  /** Whether a read that has no room for the first group that waits is refused, rather than answered with no bytes. */
  readonly shortReadIsRefused: boolean;
  /** Which groups of a device are answered when it leaves its HWPT: all, or those alone that have been read. */
  readonly leavingAnswers: 'all' | 'read';
  /** Whether an answer that cannot be read is EFAULT, rather than the bytes that were not read. */
  readonly unreadAnswerIsFault: boolean;
  /** Whose waiting groups a replace answers: those of the HWPT that the devices leave, or of that which they come to. */
  readonly replaceAnswersGroupsOf: 'old' | 'new';
  /** What user space may answer. */
  readonly answers: readonly number[];
}

declare module '../world/rules.ts' {
  interface Rules {
    readonly pageRequests: PageRequestsRules;
  }
}

export const pageRequestsIntended: PageRequestsRules = Object.freeze({
  groupIsReadWhole: true,
  shortReadIsRefused: true,
  leavingAnswers: 'all',
  unreadAnswerIsFault: true,
  replaceAnswersGroupsOf: 'old',
  answers: [PAGE_RESPONSE.SUCCESS, PAGE_RESPONSE.INVALID],
} satisfies PageRequestsRules);
