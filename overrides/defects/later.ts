import type { Override } from '../../model/rules.ts';
import { PAGE_RESPONSE_BYTES } from '../../spec/iommufd/page-faults.ts';

/** Bugs of Linux's SMMUv3 driver and of iommufd. */
export const LATER_LINUX_DEFECTS: readonly Override[] = [
  {
    name: 'invalidation-page-by-page',
    kind: 'defect',
    summary:
      'without range invalidation an unmap of any size is one command a page, with the queue kept locked',
    source: 'iommu/arm-smmu-v3: Fix soft lockup triggered by arm_smmu_mm_invalidate_range (CVE-2023-52484)',
    foundBy: 'invalidation-is-bounded',
    rules: { smmuDriver: { isTooManyPages: () => false } },
  },
  {
    name: 'ats-masters-miscounted',
    kind: 'defect',
    summary:
      'a device that leaves a domain is counted out by the ATS that it will have, not by what it had there',
    source: 'iommu/arm-smmu-v3: Fix smmu_domain->nr_ats_masters decrement (685ca577b408)',
    foundBy: 'dma-stays-in-ioas',
    rules: { smmuMachine: { leavesWithAts: (_had, has) => has } },
  },
  {
    name: 'vdevice-with-two-streams',
    kind: 'defect',
    summary:
      'a device with several StreamIDs can have a vDEVICE, and its guest invalidates the first of them only',
    source: 'iommu/arm-smmu-v3-iommufd: Require exactly one Stream ID for a vDEVICE (c3b8ee84a965)',
    foundBy: 'after-invalidation-nothing-stale',
    rules: { iommufd: { vdeviceNeedsOneStream: false } },
  },
  {
    name: 'unread-answer-counted',
    kind: 'defect',
    summary: `a write of answers that cannot be read gives ${PAGE_RESPONSE_BYTES}, the bytes that were not copied, as if they were`,
    source: 'iommufd: Fix return value of iommufd_fault_fops_write() (0d96652adc8f)',
    foundBy: 'answers-are-counted',
    rules: { pageRequests: { unreadAnswerIsFault: false } },
  },
  {
    name: 'replace-answers-new-domain',
    kind: 'defect',
    summary: 'a replace answers the page requests that wait on the new HWPT, and not those of the old',
    source: 'iommufd: wrong hwpt passed to auto_response_faults on replace (ba5c0f28a26e)',
    foundBy: 'page-requests-are-answered-once',
    rules: { pageRequests: { replaceAnswersGroupsOf: 'new' } },
  },
  {
    name: 'dmabuf-is-pinned',
    kind: 'defect',
    summary: 'a driver pins pages of an area that is a dma-buf, which has none',
    source: 'iommufd: reject DMABUF in access pin (5f3fc0ad9a41)',
    foundBy: 'pins-have-pages',
    rules: { accesses: { pinsDmabuf: true } },
  },
];

/** Bugs of QEMU's emulated SMMUv3. */
export const LATER_QEMU_DEFECTS: readonly Override[] = [
  {
    name: 'ste-range-from-its-first',
    kind: 'defect',
    summary: 'CMD_CFGI_STE_RANGE begins at the StreamID that it names, whose low bits do not count',
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
    summary: 'the TG field of a range invalidation is taken for the number of bits of its granule',
    source: 'hw/arm/smmuv3: Fix addr_mask for range-based invalidation (dcda883cd2)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: { smmuArchitecture: { invalidatedGranule: (tg) => tg } },
  },
  {
    name: 'cd-valid-bit-misread',
    kind: 'defect',
    summary: 'whether a CD is valid is read from bit 30',
    source: 'hw/arm/smmuv3: Check 31st bit to see if CD is valid (1b41847afb)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { contextIsValid: (word) => (word & (1n << 30n)) !== 0n } },
  },
];
