import { type CommandPair, isIllegal } from '../../../spec/smmuv3/illegal-command.ts';

/** What the driver does for the caches, and what the hardware makes of it: the decision points of the abstract machine. */
export interface SmmuMachineRules {
  /** Whether the SMMU stops at a command with CERROR_ILL; the driver puts a SYNC in its place and goes on. */
  rejectsCommand(words: CommandPair): boolean;
  /** Whether GBPA says abort before the driver switches a pSMMU off. */
  readonly disableAborts: boolean;
  /** Whether a device's ATC is emptied when its stream moves to another entry. */
  readonly moveInvalidatesAtc: boolean;
  /** Whether a device that leaves a domain is counted out of those that have ATS there: by what it had, not by what it will have. */
  leavesWithAts(had: boolean, has: boolean): boolean;
  /** log2 of the pages, aligned to their number, that one CMD_ATC_INV for a range is made of. */
  atcSpan(firstPage: bigint, lastPage: bigint): number;
  /** Whether the ATC is invalidated after the TLB, from which it could be filled again (IHI0070 3.9.1). */
  readonly atcAfterTlb: boolean;
  /** Whether that comes after the stream's entry has changed: before, the device asks for translations anew. */
  readonly atcAfterEntry: boolean;
  /** Whether a guest's commands are followed by a SYNC before its VMM is told that they were handled. */
  readonly guestCommandsAreSynced: boolean;
  /** Whether a pSMMU that is set up anew has its caches emptied before it is on. */
  readonly resetEmptiesCaches: boolean;
  /** Whether CMD_CFGI_STE_RANGE from a StreamID on covers another: 2^(Range+1) of them, aligned (IHI0070 4.3.2). */
  steRangeCovers(start: number, range: number, streamId: number): boolean;
}

declare module '../../world/rules.ts' {
  interface Rules {
    readonly smmuMachine: SmmuMachineRules;
  }
}

export const smmuMachineIntended: SmmuMachineRules = Object.freeze({
  rejectsCommand: isIllegal,
  disableAborts: true,
  moveInvalidatesAtc: true,
  leavesWithAts: (had) => had,
  atcSpan: (firstPage, lastPage) => (firstPage === lastPage ? 0 : (firstPage ^ lastPage).toString(2).length),
  atcAfterTlb: true,
  atcAfterEntry: true,
  guestCommandsAreSynced: true,
  resetEmptiesCaches: true,
  steRangeCovers: (start, range, streamId) =>
    Math.floor(start / 2 ** (range + 1)) === Math.floor(streamId / 2 ** (range + 1)),
} satisfies SmmuMachineRules);
