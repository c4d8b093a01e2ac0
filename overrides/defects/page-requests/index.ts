import type { Override } from '../../../model/rules.ts';
import { failureIsAnAnswer } from './failure-is-an-answer.ts';
import { pageRequestsReadInPart } from './page-requests-read-in-part.ts';
import { shortFaultReadIsEof } from './short-fault-read-is-eof.ts';
import { unreadPageRequestsOutliveDetach } from './unread-page-requests-outlive-detach.ts';

/** Bugs of fault queues. */
export const PAGE_REQUEST_DEFECTS: readonly Override[] = [
  pageRequestsReadInPart,
  shortFaultReadIsEof,
  unreadPageRequestsOutliveDetach,
  failureIsAnAnswer,
];
