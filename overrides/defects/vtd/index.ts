import type { Override } from '../../../model/rules.ts';
import { contextChangeKeepsDeviceTlb } from './context-change-keeps-device-tlb.ts';
import { contextClearedLive } from './context-cleared-live.ts';
import { flushAddressUnaligned } from './flush-address-unaligned.ts';
import { flushMaskUnaligned } from './flush-mask-unaligned.ts';
import { nestParentTakesReadOnly } from './nest-parent-takes-read-only.ts';
import { nestedAttachNotTracked } from './nested-attach-not-tracked.ts';
import { pasidEntryAtFirstPasid } from './pasid-entry-at-first-pasid.ts';
import { pasidEntryReplacedLive } from './pasid-entry-replaced-live.ts';
import { teardownByPasidOnly } from './teardown-by-pasid-only.ts';
import { trackingMissesNested } from './tracking-misses-nested.ts';
import { unmapMissesNestedDevices } from './unmap-misses-nested-devices.ts';
import { unmapMissesNestedIds } from './unmap-misses-nested-ids.ts';

/** Real bugs of Linux's driver of VT-d units, fixed upstream. */
export const VTD_DEFECTS: readonly Override[] = [
  contextChangeKeepsDeviceTlb,
  contextClearedLive,
  flushAddressUnaligned,
  flushMaskUnaligned,
  nestParentTakesReadOnly,
  pasidEntryAtFirstPasid,
  pasidEntryReplacedLive,
  teardownByPasidOnly,
  unmapMissesNestedDevices,
  unmapMissesNestedIds,
  trackingMissesNested,
  nestedAttachNotTracked,
];
