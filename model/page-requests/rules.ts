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
    'Whether a group that could be copied in part only is left whole in the queue, and nothing of it counts as read.',
    true,
  ),
  shortReadIsRefused: flag(
    'Whether a read that has no room for the first group that waits is refused, rather than answered with no bytes.',
    true,
  ),
  leavingAnswers: choice(
    'Which groups of a device are answered when it leaves its HWPT: all, or those alone that have been read.',
    ['all', 'read'],
    'all',
  ),
  unreadAnswerIsFault: flag(
    'Whether an answer that cannot be read is EFAULT, rather than the bytes that were not read.',
    true,
  ),
  replaceAnswersGroupsOf: choice(
    'Whose waiting groups a replace answers: those of the HWPT that the devices leave, or of that which they come to.',
    ['old', 'new'],
    'old',
  ),
  answers: value<readonly number[]>('What user space may answer.', 'readonly number[]', [
    PAGE_RESPONSE.SUCCESS,
    PAGE_RESPONSE.INVALID,
  ]),
} satisfies Declarations;

export type PageRequestsRules = RulesOf<typeof pageRequestsPoints>;

export const pageRequestsIntended: PageRequestsRules = intendedOf(pageRequestsPoints);
