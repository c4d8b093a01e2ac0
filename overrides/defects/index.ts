import type { Override } from '../../model/rules.ts';
import { ACCESS_DEFECTS } from './accesses/index.ts';
import { atcBeforeTlb } from './atc-before-tlb.ts';
import { attachFailsWithoutReason } from './attach-fails-without-reason.ts';
import { configurationRangeOverflows } from './configuration-range-overflows.ts';
import { destroyHoldsReference } from './destroy-holds-reference.ts';
import { detachKeepsAtc } from './detach-keeps-atc.ts';
import { doorbellListUnlocked } from './doorbell-list-unlocked.ts';
import { doorbellLostOnReplace } from './doorbell-lost-on-replace.ts';
import { eventClassNotEncoded } from './event-class-not-encoded.ts';
import { eventFlagsUninitialised } from './event-flags-uninitialised.ts';
import { eventWordsNotWritten } from './event-words-not-written.ts';
import { failedReplaceUnreservesOld } from './failed-replace-unreserves-old.ts';
import { gbpaNeedsVdevice } from './gbpa-needs-vdevice.ts';
import { headerCountedOnFault } from './header-counted-on-fault.ts';
import { PROBE_DEFECTS } from './host/index.ts';
import { invalidationUnbounded } from './invalidation-unbounded.ts';
import { iovaAlignOverflow } from './iova-align-overflow.ts';
import { lostHeaderCounted } from './lost-header-counted.ts';
import { mapWithoutProtection } from './map-without-protection.ts';
import { msiCookieOutlivesDomain } from './msi-cookie-outlives-domain.ts';
import { msiPageInDefaultDomain } from './msi-page-in-default-domain.ts';
import { msiWindowNotReserved } from './msi-window-not-reserved.ts';
import { noMemoryReadsEmpty } from './no-memory-reads-empty.ts';
import { PAGE_REQUEST_DEFECTS } from './page-requests/index.ts';
import { PASID_DEFECTS } from './pasid/index.ts';
import { queueFileReleasedLate } from './queue-file-released-late.ts';
import { rangeTakenForPowerOfTwo } from './range-taken-for-power-of-two.ts';
import { refusedDeviceMovedBack } from './refused-device-moved-back.ts';
import { resetKeepsRegisters } from './reset-keeps-registers.ts';
import { s2UnmapKeepsNested } from './s2-unmap-keeps-nested.ts';
import { shortReadIsEof } from './short-read-is-eof.ts';
import { smmuResetBeforeDevices } from './smmu-reset-before-devices.ts';
import { spanOfFourBits } from './span-of-four-bits.ts';
import { stage1OutputUnchecked } from './stage1-output-unchecked.ts';
import { stage2EventWithoutIpa } from './stage2-event-without-ipa.ts';
import { stage2NeverStalls } from './stage2-never-stalls.ts';
import { steDoublewordTorn } from './ste-doubleword-torn.ts';
import { steRangeUnaligned } from './ste-range-unaligned.ts';
import { steUpdateWithoutSafeBits } from './ste-update-without-safe-bits.ts';
import { streamTableNotAligned } from './stream-table-not-aligned.ts';
import { streamTableSizeIgnored } from './stream-table-size-ignored.ts';
import { tlbiWithoutVmid } from './tlbi-without-vmid.ts';
import { unbindLeavesVdevice } from './unbind-leaves-vdevice.ts';
import { unmapBytesLost } from './unmap-bytes-lost.ts';
import { userAddressWraps } from './user-address-wraps.ts';
import { vdeviceFoundBeforeInit } from './vdevice-found-before-init.ts';
import { VTD_DEFECTS } from './vtd/index.ts';

/** Real bugs, fixed upstream, each as the smallest change of a rule that brings it back. */
export const DEFECTS: readonly Override[] = [
  iovaAlignOverflow,
  unbindLeavesVdevice,
  lostHeaderCounted,
  gbpaNeedsVdevice,
  tlbiWithoutVmid,
  s2UnmapKeepsNested,
  atcBeforeTlb,
  detachKeepsAtc,
  steRangeUnaligned,
  steDoublewordTorn,
  steUpdateWithoutSafeBits,
  userAddressWraps,
  mapWithoutProtection,
  destroyHoldsReference,
  queueFileReleasedLate,
  failedReplaceUnreservesOld,
  unmapBytesLost,
  eventFlagsUninitialised,
  shortReadIsEof,
  headerCountedOnFault,
  noMemoryReadsEmpty,
  invalidationUnbounded,
  vdeviceFoundBeforeInit,
  refusedDeviceMovedBack,
  attachFailsWithoutReason,
  resetKeepsRegisters,
  ...PASID_DEFECTS,
  streamTableSizeIgnored,
  streamTableNotAligned,
  spanOfFourBits,
  stage1OutputUnchecked,
  stage2EventWithoutIpa,
  eventClassNotEncoded,
  eventWordsNotWritten,
  configurationRangeOverflows,
  rangeTakenForPowerOfTwo,
  smmuResetBeforeDevices,
  msiPageInDefaultDomain,
  doorbellLostOnReplace,
  doorbellListUnlocked,
  msiWindowNotReserved,
  msiCookieOutlivesDomain,
  ...VTD_DEFECTS,
  ...PAGE_REQUEST_DEFECTS,
  ...ACCESS_DEFECTS,
  ...PROBE_DEFECTS,
  stage2NeverStalls,
];
