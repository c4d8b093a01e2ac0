import { table } from '../table.ts';

export const EMULATED_SMMU_DEFECTS = table({
  /** The StreamID was compared with what the SMMU could have, not with the table that the guest has: QEMU read past its end. */
  'stream-table-size-ignored': {
    kind: 'defect',
    summary: 'a StreamID beyond the end of the stream table is looked up anyway',
    source: 'hw/arm/smmuv3: Check stream IDs against actual table LOG2SIZE (QEMU 05ff2fb80c)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { streamTableBits: (_log2Size, sidSize) => sidSize } },
  },
  /** The low bits of the base count only as far as the table is small. */
  'stream-table-not-aligned': {
    kind: 'defect',
    summary: 'STRTAB_BASE is used as written, not aligned to the size of the stream table',
    source: 'hw/arm/smmuv3: Align stream table base address to table size (QEMU 41678c33aa)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { streamTableAt: (base) => base } },
  },
  /** A reserved Span, whose range is invalid, was read as a small one. */
  'span-of-four-bits': {
    kind: 'defect',
    summary: 'only four bits of L1STD.Span are read',
    source: 'hw/arm/smmuv3: Fix up L1STD_SPAN decoding (QEMU d9aad887e8)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { spanOf: (field) => field & 0xf } },
  },
  /** An address beyond what the guest says it uses reached memory, or another fault. */
  'stage1-output-unchecked': {
    kind: 'defect',
    summary: 'stage 1 outputs addresses larger than CD.IPS',
    source: 'hw/arm/smmu-common: Add missing size check for stage-1 (QEMU bde809f05f)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { checksStage1OutputSize: false } },
  },
  /** The fault carried the VA in its place. */
  'stage2-event-without-ipa': {
    kind: 'defect',
    summary: 'a stage-2 fault event has no IPA',
    source: 'hw/arm/smmu: Fix IPA for stage-2 events (QEMU 48f9e9eb29)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { reportedIpa: () => 0n } },
  },
  /** A guest that looks at CLASS took every fault for one of its CDs. */
  'event-class-not-encoded': {
    kind: 'defect',
    summary: 'every event has CLASS 0, which is CD',
    source: 'hw/arm/smmuv3: Fix encoding of CLASS in events (QEMU 2731ea049d)',
    foundBy: 'emulation-walks-as-architecture',
    rules: { smmuArchitecture: { reportedClass: () => 'CD' } },
  },
  /** The producer index moved on, past a record of zeros. */
  'event-words-not-written': {
    kind: 'defect',
    summary: 'the event queue advances, but the record is not written to it',
    source: 'hw/arm/smmuv3: fix eventq recording and IRQ triggering (QEMU 9f4d2a1316)',
    foundBy: 'emulated-events-reach-the-queue',
    rules: { smmuArchitecture: { queuedEvent: (words) => words.map(() => 0n) } },
  },
  /** The end of the range did not fit 32 bits, so it came before the beginning. */
  'configuration-range-overflows': {
    kind: 'defect',
    summary: 'CFGI_ALL, a range of 2^32 StreamIDs, invalidates nothing',
    source: 'hw/arm/smmuv3: Fix SMMU_CMD_CFGI_STE_RANGE handling (QEMU 1194140b7f)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: {
      smmuArchitecture: {
        rangeConfigurations: (start, range) => ({
          first: start,
          last: ((start + 2 ** (range + 1)) % 2 ** 32) - 1,
        }),
      },
    },
  },
  /** The mask of a power of two was made from the number of pages, whatever it was, and from an address not aligned to it. */
  'range-taken-for-power-of-two': {
    kind: 'defect',
    summary: 'an invalidation of several pages is matched as if their number were a power of two',
    source:
      'hw/arm/smmuv3: Enforce invalidation on a power of two range (QEMU 6d9cd115b9) and Another range invalidation fix (219729cfbf)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: { smmuArchitecture: { invalidatedPieces: (address, bytes) => [{ address, mask: bytes - 1n }] } },
  },
  /** Devices stop in a later phase of the reset; until then their DMA met an SMMU that was off, which lets everything through. */
  'smmu-reset-before-devices': {
    kind: 'defect',
    summary: 'a system reset reaches the SMMU while devices still do DMA through it',
    source: 'hw/arm/smmuv3: Move reset to exit phase (QEMU e39e3f8b8d)',
    foundBy: 'emulation-invalidates-what-it-is-told',
    rules: { smmuArchitecture: { resetsLast: false } },
  },
});
