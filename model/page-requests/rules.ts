import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';
import { choice, type Declarations, flag, intendedOf, type RulesOf, value } from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly pageRequests: PageRequestsRules;
  }
}

/** The decision points of page requests. */
export const pageRequestsPoints = {
  groupIsReadWhole: flag(
    'Whether a group that could be copied only in part stays whole in the queue, and none of it counts as read.',
    true,
  ),
  shortReadIsRefused: flag(
    'Whether a read too short for the first waiting group is refused, rather than answered with 0 bytes.',
    true,
  ),
  leavingAnswers: choice(
    'Which groups of a device are answered when it leaves its HWPT: all, or only those that have been read.',
    ['all', 'read'],
    'all',
  ),
  leavingAnswersOwnOnly: flag(
    'Whether the groups of other devices on an HWPT stay unanswered when a device leaves it.',
    true,
  ),
  unreadAnswerIsFault: flag(
    'Whether an answer that cannot be copied from user space gives EFAULT, rather than the number of bytes not copied.',
    true,
  ),
  replaceAnswersGroupsOf: choice(
    'Whose waiting groups a replace answers: those of the old HWPT, or of the new one.',
    ['old', 'new'],
    'old',
  ),
  answers: value<readonly number[]>('Which response codes user space may answer with.', 'readonly number[]', [
    PAGE_RESPONSE.SUCCESS,
    PAGE_RESPONSE.INVALID,
  ]),
} satisfies Declarations;

export type PageRequestsRules = RulesOf<typeof pageRequestsPoints>;

export const pageRequestsIntended: PageRequestsRules = intendedOf(pageRequestsPoints);
