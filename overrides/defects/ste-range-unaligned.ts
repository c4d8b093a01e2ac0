import type { Override } from '../../model/rules.ts';

/**
 * QEMU once computed the end of the range from StreamID itself, and for CFGI_ALL it overflowed: nothing was invalidated.
 * Linux names every StreamID by itself, so a driver that relies on the range is part of this.
 */
export const steRangeUnaligned: Override = {
  name: 'ste-range-unaligned',
  kind: 'defect',
  summary:
    'CFGI_STE_RANGE covers 2^(Range+1) StreamIDs from the one that it names on, not the aligned block around it',
  source: 'hw/arm/smmuv3: Fix SMMU_CMD_CFGI_STE_RANGE handling (QEMU 1194140b7f), as a pSMMU would have it',
  foundBy: 'unmapped-is-unreachable',
  rules: {
    smmuDriver: { groupIsInvalidatedAsRange: true },
    smmuMachine: {
      steRangeCovers: (start, range, streamId) => streamId >= start && streamId < start + 2 ** (range + 1),
    },
  },
};
