import type { Property } from '../property.ts';
import { accessCallsAnswerAsDocumented } from './access-calls-answer-as-documented.ts';
import { accessUsesItsIoas } from './access-uses-its-ioas.ts';
import { compatActsAsType1 } from './compat-acts-as-type1.ts';
import { pinnedIsMapped } from './pinned-is-mapped.ts';
import { pinnedPagesAreCounted } from './pinned-pages-are-counted.ts';
import { pinsHavePages } from './pins-have-pages.ts';
import { revokedIsUnreachable } from './revoked-is-unreachable.ts';

/** What holds of drivers that reach memory of processes by accesses, and of dma-bufs. */
export const ACCESS_PROPERTIES: readonly Property[] = [
  pinnedPagesAreCounted,
  pinnedIsMapped,
  accessCallsAnswerAsDocumented,
  accessUsesItsIoas,
  revokedIsUnreachable,
  pinsHavePages,
  compatActsAsType1,
];
