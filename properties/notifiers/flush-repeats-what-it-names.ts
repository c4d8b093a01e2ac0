import type { PageMap, Repeated } from '../../model/notifiers/machine.ts';
import type { NotifierPlatform, PageSpan } from '../../model/platform/notifiers.ts';
import type { StepProperty, Transition } from '../property.ts';

/** A flush, and what the host maps before and after it. */
interface Flush {
  readonly span: PageSpan | null;
  readonly before: Repeated;
  readonly after: Repeated;
  readonly ranges: NotifierPlatform['ranges'];
}

function flushOf({ before, world, command, result }: Transition): Flush | null {
  if (command.command !== 'repeatedFlush' || !result.ok) return null;
  if (before.repeated === null || world.repeated === null) return null;
  const { first, pages } = command.args;
  const ranges = world.platform.notifiers?.ranges ?? [];
  const span = pages === 0 ? null : { first, last: first + pages - 1 };
  return { span, before: before.repeated, after: world.repeated, ranges };
}

function has({ first, last }: PageSpan, page: number): boolean {
  return first <= page && page <= last;
}

function nameOf(to: number | undefined): string {
  return to === undefined ? 'nothing' : `page ${to}`;
}

/** Every page that is in one of the maps. */
function pagesIn(...maps: readonly PageMap[]): readonly number[] {
  return [...new Set(maps.flatMap((map) => Object.keys(map).map(Number)))].sort((a, b) => a - b);
}

export const flushRepeatsWhatItNames: StepProperty = {
  id: 'flush-repeats-what-it-names',
  sentence:
    "After a guest's invalidation the host maps, of the pages that it names and that some notifier is for, what the guest's table says, and of all others what it did before.",
  source:
    'QEMU docs/devel/memory: IOMMU notifiers; intel_iommu: Fix unexpected unmaps during global unmap (9a4bb8391f)',
  kind: 'step',
  appliesTo: ({ notifiers }) => notifiers !== undefined,
  brokenBy: 'emptied-range-rounded-up',
  violated(transition) {
    const flush = flushOf(transition);
    if (flush === null) return null;
    const { span, before, after, ranges } = flush;
    for (const page of pagesIn(before.host, after.host, after.guest)) {
      const isNamed = (span === null || has(span, page)) && ranges.some((range) => has(range, page));
      const expected = isNamed ? after.guest[page] : before.host[page];
      if (after.host[page] !== expected)
        return `page ${page} leads to ${nameOf(after.host[page])} on the host, and not to ${nameOf(expected)}`;
    }
    return null;
  },
  witness(transition) {
    const flush = flushOf(transition);
    return flush !== null && flush.span === null && Object.keys(flush.after.host).length > 1;
  },
};
