import { invalidationIsBounded } from '../iommufd/invalidation-is-bounded.ts';
import type { Property } from '../property.ts';
import { abortAndBypassAreExact } from './abort-and-bypass-are-exact.ts';
import { afterInvalidationNothingStale } from './after-invalidation-nothing-stale.ts';
import { atsOffLeavesNoAtc } from './ats-off-leaves-no-atc.ts';
import { disabledSmmuAborts } from './disabled-smmu-aborts.ts';
import { dmaBetweenWritesIsOldOrNew } from './dma-between-writes-is-old-or-new.ts';
import { dmaStaysInIoas } from './dma-stays-in-ioas.ts';
import { entryUpdateNotTorn } from './entry-update-not-torn.ts';
import { invalidationTouchesOwnVmOnly } from './invalidation-touches-own-vm-only.ts';
import { lostEventsAreFlagged } from './lost-events-are-flagged.ts';
import { reportedInvalidationTookEffect } from './reported-invalidation-took-effect.ts';
import { resetEmptiesCaches } from './reset-empties-caches.ts';
import { stage2EntriesAreLegal } from './stage2-entries-are-legal.ts';
import { tablesPrecedeEntries } from './tables-precede-entries.ts';
import { unmapInvalidatesLittleMore } from './unmap-invalidates-little-more.ts';
import { unmappedIsUnreachable } from './unmapped-is-unreachable.ts';

/** What holds of caches and DMA, in the order in which reports list it. */
export const DMA_PROPERTIES: readonly Property[] = [
  dmaStaysInIoas,
  unmappedIsUnreachable,
  afterInvalidationNothingStale,
  reportedInvalidationTookEffect,
  invalidationTouchesOwnVmOnly,
  entryUpdateNotTorn,
  dmaBetweenWritesIsOldOrNew,
  atsOffLeavesNoAtc,
  abortAndBypassAreExact,
  disabledSmmuAborts,
  resetEmptiesCaches,
  lostEventsAreFlagged,
  stage2EntriesAreLegal,
  invalidationIsBounded,
  unmapInvalidatesLittleMore,
  tablesPrecedeEntries,
];
