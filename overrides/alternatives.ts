import type { RuleChanges } from '../model/rules.ts';

/**
 * For decision points that answer with more than yes or no, an answer that differs. Those that answer yes or no are
 * negated; the rest is not mutated, and the page on mutation says so.
 */
export const ALTERNATIVES: RuleChanges = {
  iommufd: {
    alignIova: (start) => start,
    failedUnmapReports: (bytes) => bytes + 1n,
    failedReplaceUnreservesFrom: 'old',
    movedBack: (accepted) => accepted.slice(1),
    eventHeaderFlags: 2,
  },
  pageRequests: { leavingAnswers: 'read', answers: [0] },
  vmm: {
    registers: () => null,
    asksWithoutDevice: 'driver',
    plugObjections: () => [],
    plugConfigures: () => 'guest-memory',
    refusedSte: 'previous',
    steForKernel: (words) => words.map((word) => word & ~0x30n),
  },
  smmuDriver: { steUpdate: (_current, target) => [target.map(() => 0n), target] },
  smmuMachine: { steRangeCovers: (start, _range, streamId) => start === streamId },
  smmuArchitecture: {
    eventBeyondSpan: 'C_BAD_STE',
    streamTableBits: (log2Size) => log2Size + 1,
    streamTableAt: (base) => base,
    spanOf: (field) => field & 7,
    entriesOfSpan: (span) => 2 ** span,
    largestStage2Input: (_ias, outputBits) => outputBits - 8,
    firstDescriptorAddress: (address) => address & 0xf_ffffn,
    tableBeyondOutputSize: () => 'unchecked',
    allowsBlock: () => false,
    reportedClass: () => 'TT',
    reportedIpa: (ipa) => ipa,
    cdFetchAddressWord: 2,
    fullEventQueue: 'EVENTQ_ABT_ERR',
    queuedEvent: (words) => words.toReversed(),
    rangeConfigurations: (start) => ({ first: start, last: start }),
    invalidatedPieces: (address) => [{ address, mask: 0xfffn }],
  },
};
