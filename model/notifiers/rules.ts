import type { PageSpan } from '../platform/notifiers.ts';
import { type Declarations, decision, intendedOf, type RulesOf } from '../world/declare.ts';
import { alignedSpans } from './spans.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly notifiers: NotifierRules;
  }
}

/** How a VMM repeats its guest's mappings on the host: its decision points. */
export const notifierPoints = {
  emptiedSpans: decision<(range: PageSpan) => readonly PageSpan[]>(
    'Which spans of pages, each a power of two and aligned to it as an IOTLB entry is, are unmapped to empty the range of a notifier.',
    '(range: PageSpan) => readonly PageSpan[]',
    alignedSpans,
  ),
} satisfies Declarations;

export type NotifierRules = RulesOf<typeof notifierPoints>;

export const notifiersIntended: NotifierRules = intendedOf(notifierPoints);
