import type { Property } from '../property.ts';
import { answersAreCounted } from './answers-are-counted.ts';
import { answersLeavePageRequestsOn } from './answers-leave-page-requests-on.ts';
import { pageRequestsAreAnsweredOnce } from './page-requests-are-answered-once.ts';
import { pageRequestsAreReadWhole } from './page-requests-are-read-whole.ts';
import { pageResponsesAreAskedFor } from './page-responses-are-asked-for.ts';
import { waitingPageRequestsAreNotSilent } from './waiting-page-requests-are-not-silent.ts';

/** What holds of devices that make page requests, and of the processes that answer them. */
export const PAGE_REQUEST_PROPERTIES: readonly Property[] = [
  pageRequestsAreAnsweredOnce,
  pageRequestsAreReadWhole,
  waitingPageRequestsAreNotSilent,
  answersLeavePageRequestsOn,
  answersAreCounted,
  pageResponsesAreAskedFor,
];
