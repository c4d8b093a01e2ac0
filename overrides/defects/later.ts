import type { Override } from '../../model/rules.ts';
import { PAGE_RESPONSE_BYTES } from '../../spec/iommufd/page-faults.ts';

/** Bugs of Linux's SMMUv3 driver and of iommufd. */
export const LATER_LINUX_DEFECTS: readonly Override[] = [
  {
    name: 'invalidation-page-by-page',
    kind: 'defect',
    summary:
      'without range invalidation, an unmap of any size issues one command per page, with the queue locked throughout',
    source: 'iommu/arm-smmu-v3: Fix soft lockup triggered by arm_smmu_mm_invalidate_range (CVE-2023-52484)',
    foundBy: 'invalidation-is-bounded',
    rules: { smmuDriver: { isTooManyPages: () => false } },
  },
  {
    name: 'hwpt-listed-twice',
    kind: 'defect',
    summary: 'the first attach adds an HWPT to the list of its IOAS a second time, and it is removed once',
    source: 'iommufd: Do not add the same hwpt to the ioas->hwpt_list twice (143c7bc)',
    foundBy: 'teardown-returns-everything',
    rules: { iommufd: { attachListsHwpt: true } },
  },
  {
    name: 'pasid-taken-from-whoever-refused',
    kind: 'defect',
    summary:
      'if a device of a group refuses a PASID, the PASID is detached from that device too, which never had it',
    source: 'iommu: Undo pasid attachment only for the devices that have succeeded (6.8.12)',
    foundBy: 'driver-moves-are-consistent',
    rules: { iommufd: { pasidTakenBack: (accepted, refused) => [...accepted, refused] } },
  },
  {
    name: 'range-of-one-page-without-level',
    kind: 'defect',
    summary: 'a range invalidation of one page has neither TTL nor NUM, which is an illegal command',
    source: 'iommu/arm-smmu-v3: Avoid constructing invalid range commands (eb6c97647be2)',
    foundBy: 'dma-stays-in-ioas',
    rules: { smmuDriver: { rangeNamesLevel: false } },
  },
  {
    name: 'ats-masters-miscounted',
    kind: 'defect',
    summary:
      'a device that leaves a domain is uncounted by the ATS state that it will have, not by the one that it had there',
    source: 'iommu/arm-smmu-v3: Fix smmu_domain->nr_ats_masters decrement (685ca577b408)',
    foundBy: 'dma-stays-in-ioas',
    rules: { smmuMachine: { leavesWithAts: (_had, has) => has } },
  },
  {
    name: 'vdevice-with-two-streams',
    kind: 'defect',
    summary:
      "a device with several StreamIDs can have a vDEVICE, and its guest's invalidations reach only the first",
    source: 'iommu/arm-smmu-v3-iommufd: Require exactly one Stream ID for a vDEVICE (c3b8ee84a965)',
    foundBy: 'after-invalidation-nothing-stale',
    rules: { iommufd: { vdeviceNeedsOneStream: false } },
  },
  {
    name: 'unread-answer-counted',
    kind: 'defect',
    summary: `a write of answers that cannot be copied returns ${PAGE_RESPONSE_BYTES}, the number of bytes not copied`,
    source: 'iommufd: Fix return value of iommufd_fault_fops_write() (0d96652adc8f)',
    foundBy: 'answers-are-counted',
    rules: { pageRequests: { unreadAnswerIsFault: false } },
  },
  {
    name: 'replace-answers-new-domain',
    kind: 'defect',
    summary: 'a replace answers the page requests waiting on the new HWPT instead of those on the old one',
    source: 'iommufd: wrong hwpt passed to auto_response_faults on replace (ba5c0f28a26e)',
    foundBy: 'page-requests-are-answered-once',
    rules: { pageRequests: { replaceAnswersGroupsOf: 'new' } },
  },
  {
    name: 'dmabuf-is-pinned',
    kind: 'defect',
    summary: 'a driver can pin pages of an area that is a dma-buf, which has no pages',
    source: 'iommufd: reject DMABUF in access pin (5f3fc0ad9a41)',
    foundBy: 'pins-have-pages',
    rules: { accesses: { pinsDmabuf: true } },
  },
  {
    name: 'fault-queue-put-twice',
    kind: 'defect',
    summary:
      'if the answer with a fault queue cannot be written, a reference to its context is dropped that was never taken',
    source: 'iommufd/fault: Fix out_fput in iommufd_fault_alloc() (07838f7fd529)',
    foundBy: 'contexts-are-counted',
    rules: { iommufd: { abortedQueuePutsContext: true } },
  },
  {
    name: 'aborted-domain-keeps-device',
    kind: 'defect',
    summary:
      'if the areas of an automatic HWPT cannot be mapped, it is dropped while it holds a reference to its device',
    source: 'iommufd: WARN if an object is aborted with an elevated refcount (2025-09-18)',
    foundBy: 'references-counted',
    rules: { iommufd: { abortedDomainReturnsDevice: false } },
  },
  {
    name: 'automatic-hwpt-without-doorbells',
    kind: 'defect',
    summary:
      'an automatic HWPT has no place for doorbells: MSIs of devices on it are sent to a physical address',
    source: 'iommufd: all allocators make an iommufd_hwpt (897008d0f767)',
    foundBy: 'enabled-vector-has-place',
    rules: { msi: { automaticHwptHasDoorbells: false } },
  },
  {
    name: 'refused-access-forgets-its-ioas',
    kind: 'defect',
    summary: 'a refused replace of an access overwrites its place in the old IOAS',
    source: 'iommufd: Fix iopt_access_list_id overwrite bug (CVE-2024-26786)',
    foundBy: 'refused-changes-nothing',
    rules: { accesses: { refusedAccessKeepsPlace: false } },
  },
  {
    name: 'entry-written-before-tables',
    kind: 'defect',
    summary: 'no barrier comes between what is stored in tables and the entry that names them',
    source: 'iommu/arm-smmu-v3: Add a missing dma_wmb() for hitless STE update (6fabce5)',
    foundBy: 'tables-precede-entries',
    rules: { smmuDriver: { tablesPrecedeEntries: false } },
  },
  {
    name: 'pasid-wanted-of-every-device',
    kind: 'defect',
    summary: 'no PASID can be attached in a group in which a device has none, such as a bridge',
    source: 'iommu: Skip PASID validation for devices without PASID capability (2025-05)',
    foundBy: 'pasid-attach-is-taken',
    rules: { iommufd: { pasidAsksEveryDevice: true } },
  },
  {
    name: 'automatic-hwpt-found-unfinished',
    kind: 'defect',
    summary:
      'another thread attaches to an automatic HWPT whose first attach is not through; that one fails, and frees it',
    source: 'iommufd: Fix locking around hwpt allocation (Fixes e8d57210035b)',
    foundBy: 'no-dangling-reference',
    rules: { iommufd: { automaticFoundUnfinished: true } },
  },
  {
    name: 'change-process-meets-map',
    kind: 'defect',
    summary: 'CHANGE_PROCESS uses the pages of an area whose MAP_FILE has not given it any yet',
    source: 'iommu/iommufd: Fix NULL deref in ioas_change_process racing map_file (CVE-2026-80817)',
    foundBy: 'every-command-is-answered',
    rules: { iommufd: { changeProcessLooksForPages: false } },
  },
];

/** Bugs of QEMU's emulated SMMUv3. */
export const LATER_QEMU_DEFECTS: readonly Override[] = [
  {
    name: 'ste-range-from-its-first',
    kind: 'defect',
    summary: 'CMD_CFGI_STE_RANGE starts at the StreamID that it names, without clearing its low bits',
    source: 'hw/arm/smmuv3: Emulate CFGI_STE_RANGE for an aligned range (017a913af4)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: {
      smmuArchitecture: {
        rangeConfigurations: (start, range) => ({ first: start, last: start + 2 ** (range + 1) - 1 }),
      },
    },
  },
  {
    name: 'tg-taken-for-granule',
    kind: 'defect',
    summary: 'the TG field of a range invalidation is used as the number of bits of its granule',
    source: 'hw/arm/smmuv3: Fix addr_mask for range-based invalidation (dcda883cd2)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: { smmuArchitecture: { invalidatedGranule: (tg) => tg } },
  },
  {
    name: 'cd-valid-bit-misread',
    kind: 'defect',
    summary: 'bit 30 of a CD is read as its valid bit',
    source: 'hw/arm/smmuv3: Check 31st bit to see if CD is valid (1b41847afb)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { contextIsValid: (word) => (word & (1n << 30n)) !== 0n } },
  },
  {
    name: 'iidr-at-wrong-offset',
    kind: 'defect',
    summary: 'a guest reads SMMU_IIDR at the offset of SMMU_AIDR, and nothing at its own',
    source: 'hw/arm/smmuv3: Fix IIDR offset (f0ec277cd4)',
    foundBy: 'guest-reads-decided-registers',
    rules: {
      vmm: {
        idRegisterAt: (offset, registers) =>
          offset === 0x1c
            ? registers.IIDR
            : offset === 0x18
              ? 0
              : (Object.values(registers)[offset >> 2] ?? 0),
      },
    },
  },
  {
    name: 'emptied-range-rounded-up',
    kind: 'defect',
    summary:
      'to empty the range of a notifier, an emulated IOMMU unmaps one span around it, rounded to a power of two, with what other notifiers have there',
    source: 'intel_iommu: Fix unexpected unmaps during global unmap (QEMU 9a4bb8391f)',
    foundBy: 'flush-repeats-what-it-names',
    rules: {
      notifiers: {
        emptiedSpans: ({ first, last }) => {
          const size = 2 ** Math.ceil(Math.log2(last - first + 1));
          const start = first - (first % size);
          return [{ first: start, last: start + size - 1 }];
        },
      },
    },
  },
  {
    name: 'empty-read-is-event',
    kind: 'defect',
    summary: 'a VMM that reads an empty event queue passes the unfilled buffer to its guest as an event',
    source: 'hw/arm/smmuv3-accel: event read treated as success on EAGAIN (6a51b66dd51d)',
    foundBy: 'guest-reads-its-events',
    rules: { vmm: { emptyReadIsEvent: true } },
  },
];
