import { table } from '../table.ts';

export const IOMMUFD_CALLS_DEFECTS = table({
  /** The check was made on IOVAs only: an area whose user addresses wrap was accepted and warned about when it was pinned. */
  'user-address-wraps': {
    kind: 'defect',
    summary: 'a mapping is accepted although its user addresses wrap around',
    source: 'iommufd: Check for uptr overflow (2023-04-01)',
    foundBy: 'user-addresses-do-not-wrap',
    rules: { iommufd: { mapChecksUserAddress: false } },
  },
  /** The page tables have no entry that allows nothing, so such a mapping was written nowhere and yet counted as there. */
  'map-without-protection': {
    kind: 'defect',
    summary: 'a mapping that allows neither reads nor writes is accepted',
    source: 'iommufd: Do not allow creating areas without READ or WRITE (2024-08-23)',
    foundBy: 'every-mapping-allows-something',
    rules: { iommufd: { mapNeedsProtection: false } },
  },
  /** DESTROY looked its object up with a reference of its own, and whoever gave the last other one back found it in use. */
  'destroy-holds-reference': {
    kind: 'defect',
    summary: 'DESTROY takes a reference to the object that it destroys, and then finds it in use',
    source: 'iommufd: IOMMUFD_DESTROY should not increase the refcount (2023-07)',
    foundBy: 'automatic-hwpt-goes-with-last-attachment',
    rules: { iommufd: { destroyTakesReference: true } },
  },
  /** fput() leaves the release to a task of its own, which ran when the queue had been freed. */
  'queue-file-released-late': {
    kind: 'defect',
    summary: 'if an event queue cannot be handed out, it is freed before its file is released',
    source: 'iommufd: Fix race during abort for file descriptors (4e034bf045b1, CVE-2025-39966)',
    foundBy: 'no-dangling-reference',
    rules: { iommufd: { abortReleasesFileFirst: false } },
  },
  /** The error path named the HWPT that the device was on, not the one that it had been meant for. */
  'failed-replace-unreserves-old': {
    kind: 'defect',
    summary:
      "a replace that is refused across IOASes drops the device's reserved ranges in the IOAS where it stays, and leaves them in the other",
    source: 'iommufd/device: Fix hwpt at err_unresv in iommufd_device_do_replace() (2024)',
    foundBy: 'refused-changes-nothing',
    rules: { iommufd: { failedReplaceUnreservesFrom: 'old' } },
  },
  /** The count was stored only on the way out that succeeds; the old container call hands it to its caller either way. */
  'unmap-bytes-lost': {
    kind: 'defect',
    summary: 'an unmap that fails half way reports 0 bytes, although it removed some',
    source:
      'iommufd: Report unmapped bytes in the error path of iopt_unmap_iova_range (2025-07-10, Fixes 8d40205f6093)',
    foundBy: 'unmap-reports-what-it-took',
    rules: { iommufd: { failedUnmapReports: () => 0n } },
  },
  /** What lay in the memory of the event before was read as its flags; here, those of a lost-events header. */
  'event-flags-uninitialised': {
    kind: 'defect',
    summary: 'an ordinary event has the lost-events flag in its header',
    source: 'iommufd: Initialize the flags of vevent in iommufd_viommu_report_event() (41464a4628f3)',
    foundBy: 'veventq-read-is-faithful',
    rules: { iommufd: { eventHeaderFlags: 1 } },
  },
  /** A reader took the zero bytes for the end of the file, with the event still waiting. */
  'short-read-is-eof': {
    kind: 'defect',
    summary: 'a read too short for any record returns 0 bytes instead of EINVAL',
    source: 'iommufd: Reject invalid read count in iommufd_veventq_fops_read() (2026)',
    foundBy: 'waiting-events-are-not-silent',
    rules: { iommufd: { shortReadIsRefused: false } },
  },
  /** The event went back to the head of the queue and its header stayed in the count, so the reader had it twice. */
  'header-counted-on-fault': {
    kind: 'defect',
    summary: "if a read cannot copy an event's record, it still counts the header as copied",
    source: 'iommufd: Rewind header length in done if copy fails (2026-06)',
    foundBy: 'veventq-read-is-faithful',
    rules: { iommufd: { failedCopyTakesHeaderBack: false } },
  },
  /** The failure and an empty queue were both told by a null pointer. */
  'no-memory-reads-empty': {
    kind: 'defect',
    summary: 'if there is no memory for the lost-events header, read() reports an empty queue',
    source: 'iommufd: Propagate allocation failure in iommufd_veventq_deliver_fetch() (2026-06)',
    foundBy: 'waiting-events-are-not-silent',
    rules: { iommufd: { tellsNoMemory: false } },
  },
  /** A process could keep the kernel busy with one call for as long as it liked. */
  'invalidation-unbounded': {
    kind: 'defect',
    summary: 'an invalidation array of any length and entry size is accepted',
    source: 'iommufd: Set upper bounds on cache invalidation entry_num and entry_len (2026-06)',
    foundBy: 'one-call-is-bounded',
    rules: { iommufd: { invalidationIsBounded: false } },
  },
  /** The entry was stored under its StreamID first and prepared second; in between an invalidation resolved to it. */
  'vdevice-found-before-init': {
    kind: 'defect',
    summary: 'a StreamID resolves to a vDEVICE before the driver has accepted it',
    source: 'iommufd/viommu: Publish a vDEVICE only after vdevice_init() succeeds (parent of c3b8ee84a965)',
    foundBy: 'invalidation-names-own-vdevice',
    rules: { iommufd: { vdeviceFoundBeforeInit: true } },
  },
  /** The loop that moves a group back ran over the device that had refused, whose old domain was then not the one that it is told to leave. */
  'refused-device-moved-back': {
    kind: 'defect',
    summary: 'if one device of a group refuses a domain, it is moved back too, although it never moved',
    source: 'iommu: Do not revert set_domain for the last gdev (2025-10-23)',
    foundBy: 'driver-moves-are-consistent',
    rules: { iommufd: { movedBack: (accepted, refused) => [...accepted, refused] } },
  },
});
