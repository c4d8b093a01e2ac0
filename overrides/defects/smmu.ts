import { updateEntry } from '../../model/smmu/driver/entry-update.ts';
import { STE_FORMAT } from '../../model/smmu/driver/ste-format.ts';
import { table } from '../table.ts';
import { steDoublewordTorn } from './ste-doubleword-torn.ts';

export const SMMU_DEFECTS = table({
  /** The command was built without its VMID field, so it took away what is tagged with VMID 0 and left the guest's. */
  'tlbi-without-vmid': {
    kind: 'defect',
    summary: "a guest's invalidation by address or ASID reaches the pSMMU with VMID 0",
    source: 'iommu/arm-smmu-v3: Populate VMID field for CMDQ_OP_TLBI_NH_VA (935d43ba272e)',
    foundBy: 'after-invalidation-nothing-stale',
    rules: { smmuDriver: { tlbiCarriesVmid: false } },
  },
  /**
   * TLBI_S2_IPA leaves translations that embed stage 2 alone. VT-d had the same bug under another name: an unmap flushed
   * the domain ID of the nesting parent and none of those nested on it.
   */
  's2-unmap-keeps-nested': {
    kind: 'defect',
    summary: 'an unmap of a nesting parent is not followed by TLBI_NH_ALL: nested translations survive it',
    source:
      "the SMMUv3 form of iommu/vt-d: Add missing iotlb flush for parent domain (Fixes b41e38e22539); Linux's arm-smmu-v3 never had it",
    foundBy: 'dma-stays-in-ioas',
    rules: { smmuDriver: { unmapClearsNested: false } },
  },
  'atc-before-tlb': {
    kind: 'defect',
    summary: 'an unmap invalidates the ATC before the TLB, so the device can refill its ATC from the TLB',
    source:
      'IHI0070 3.9.1; the order that arm_smmu_invs_end_batch() keeps: TLBI, SYNC, ATC_INV. No released kernel is known to have had it otherwise',
    foundBy: 'dma-stays-in-ioas',
    rules: { smmuMachine: { atcAfterTlb: false } },
  },
  /** VT-d had its like when a context entry in use was changed without a flush of the devTLB. */
  'detach-keeps-atc': {
    kind: 'defect',
    summary: 'a device that is detached or moved keeps the translations in its ATC',
    source:
      'the SMMUv3 form of iommu/vt-d: Global devTLB flush when present context entry changed (2021-07); arm_smmu_attach_commit()',
    foundBy: 'ats-off-leaves-no-atc',
    rules: { smmuMachine: { moveInvalidatesAtc: false } },
  },
  /**
   * QEMU once computed the end of the range from StreamID itself, and for CFGI_ALL it overflowed: nothing was invalidated.
   * Linux names every StreamID by itself, so a driver that relies on the range is part of this.
   */
  'ste-range-unaligned': {
    kind: 'defect',
    summary:
      'CFGI_STE_RANGE covers 2^(Range+1) StreamIDs starting at the one that it names, not the aligned block around it',
    source: 'hw/arm/smmuv3: Fix SMMU_CMD_CFGI_STE_RANGE handling (QEMU 1194140b7f), as a pSMMU would have it',
    foundBy: 'unmapped-is-unreachable',
    rules: {
      smmuDriver: { groupIsInvalidatedAsRange: true },
      smmuMachine: {
        steRangeCovers: (start, range, streamId) => streamId >= start && streamId < start + 2 ** (range + 1),
      },
    },
  },
  'ste-doubleword-torn': steDoublewordTorn,
  /** MEV and EATS counted as a second doubleword that differs: a guest that switched its stage 1 on saw C_BAD_STE. */
  'ste-update-without-safe-bits': {
    kind: 'defect',
    summary: 'an update of bits that may change while in use makes the STE invalid (V=0) in between',
    source: 'iommu/arm-smmu-v3: Add update_safe bits to fix STE update sequence (2781f2a930ab)',
    foundBy: 'entry-update-not-torn',
    rules: {
      smmuDriver: {
        steUpdate: (current, target) => updateEntry(current, target, { ...STE_FORMAT, safe: () => [] }),
      },
    },
  },
});
