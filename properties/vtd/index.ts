import type { Property } from '../property.ts';
import { deviceTlbGoesWithContext } from './device-tlb-goes-with-context.ts';
import { failedAttachBlocksNothing } from './failed-attach-blocks-nothing.ts';
import { flushedRangeIsGone } from './flushed-range-is-gone.ts';
import { pasidReachesItsOwnerOnly } from './pasid-reaches-its-owner-only.ts';
import { pasidTableIsAttachments } from './pasid-table-is-attachments.ts';
import { readOnlyIsNeverWritten } from './read-only-is-never-written.ts';
import { rescanBlocksNoOther } from './rescan-blocks-no-other.ts';
import { storesReachMemoryInTime } from './stores-reach-memory-in-time.ts';
import { tableEntriesAreInvalidated } from './table-entries-are-invalidated.ts';
import { tableEntryNotTorn } from './table-entry-not-torn.ts';
import { unmapReachesNested } from './unmap-reaches-nested.ts';
import { writesAreLogged } from './writes-are-logged.ts';

/** What holds of VT-d units, in the order in which reports list it. */
export const VTD_PROPERTIES: readonly Property[] = [
  pasidReachesItsOwnerOnly,
  pasidTableIsAttachments,
  unmapReachesNested,
  flushedRangeIsGone,
  tableEntryNotTorn,
  failedAttachBlocksNothing,
  readOnlyIsNeverWritten,
  deviceTlbGoesWithContext,
  tableEntriesAreInvalidated,
  rescanBlocksNoOther,
  storesReachMemoryInTime,
  writesAreLogged,
];
