import type { Rules } from '../model/rules.ts';

/** Another answer of a decision point: what a mutant of the model gives in place of the intended one. */
type Alternative = { readonly [Point in keyof Rules]?: Partial<Pick<Rules, Point>> };

/**
 * For decision points that answer with more than yes or no, an answer that differs. Those that answer yes or no are
 * negated; the rest is not mutated, and the page on mutation says so.
 */
export const ALTERNATIVES: Alternative = {
  alignIova: { alignIova: (start) => start },
  failedUnmapReports: { failedUnmapReports: (bytes) => bytes + 1n },
  failedReplaceUnreservesFrom: { failedReplaceUnreservesFrom: () => 'old' },
  leavingAnswers: { leavingAnswers: () => 'read' },
  pageAnswers: { pageAnswers: () => [0] },
  movedBack: { movedBack: (accepted) => accepted.slice(1) },
  eventHeaderFlags: { eventHeaderFlags: () => 2 },
  vsmmuRegisters: { vsmmuRegisters: () => null },
  vsmmuAsksWithoutDevice: { vsmmuAsksWithoutDevice: () => 'driver' },
  plugObjections: { plugObjections: () => [] },
  plugConfigures: { plugConfigures: () => 'guest-memory' },
  refusedSte: { refusedSte: () => 'previous' },
  steForKernel: { steForKernel: (words) => words.map((word) => word & ~0x30n) },
  eventBeyondSpan: { eventBeyondSpan: () => 'C_BAD_STE' },
  streamTableBits: { streamTableBits: (log2Size) => log2Size + 1 },
  streamTableAt: { streamTableAt: (base) => base },
  spanOf: { spanOf: (field) => field & 7 },
  entriesOfSpan: { entriesOfSpan: (span) => 2 ** span },
  largestStage2Input: { largestStage2Input: (_ias, outputBits) => outputBits - 8 },
  firstDescriptorAddress: { firstDescriptorAddress: (address) => address & 0xf_ffffn },
  tableBeyondOutputSize: { tableBeyondOutputSize: () => 'unchecked' },
  allowsBlock: { allowsBlock: () => false },
  reportedClass: { reportedClass: () => 'TT' },
  reportedIpa: { reportedIpa: (ipa) => ipa },
  cdFetchAddressWord: { cdFetchAddressWord: () => 2 },
  fullEventQueue: { fullEventQueue: () => 'EVENTQ_ABT_ERR' },
  queuedEvent: { queuedEvent: (words) => words.toReversed() },
  rangeConfigurations: { rangeConfigurations: (start) => ({ first: start, last: start }) },
  invalidatedPieces: { invalidatedPieces: (address) => [{ address, mask: 0xfffn }] },
  steRangeCovers: { steRangeCovers: (start, _range, streamId) => start === streamId },
  steUpdate: { steUpdate: (_current, target) => [target.map(() => 0n), target] },
};
