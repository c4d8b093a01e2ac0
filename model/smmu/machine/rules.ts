import { type CommandPair, isIllegal } from '../../../spec/smmuv3/illegal-command.ts';
import { steRangeHas } from '../../../spec/smmuv3/invalidation.ts';
import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../../world/declare.ts';

declare module '../../world/rules.ts' {
  interface Rules {
    readonly smmuMachine: SmmuMachineRules;
  }
}

/** What the driver does for the caches, and what the hardware makes of it: the decision points of the abstract machine. */
export const smmuMachinePoints = {
  rejectsCommand: decision<(words: CommandPair) => boolean>(
    'Whether the SMMU stops at a command with CERROR_ILL; the driver replaces it by a SYNC and goes on.',
    '(words: CommandPair) => boolean',
    isIllegal,
  ),
  disableAborts: flag('Whether GBPA is set to abort before the driver disables a pSMMU.', true),
  moveInvalidatesAtc: flag("Whether a device's ATC is invalidated when its STE changes.", true),
  leavesWithAts: decision<(had: boolean, has: boolean) => boolean>(
    'Whether a device that leaves a domain is uncounted from its devices with ATS: by the state that it had there, not the one it will have.',
    '(had: boolean, has: boolean) => boolean',
    (had) => had,
  ),
  atcSpan: decision<(firstPage: bigint, lastPage: bigint) => number>(
    'log2 of the pages, aligned to their number, that one CMD_ATC_INV of a range covers.',
    '(firstPage: bigint, lastPage: bigint) => number',
    (firstPage, lastPage) => (firstPage === lastPage ? 0 : (firstPage ^ lastPage).toString(2).length),
  ),
  atcAfterTlb: flag(
    'Whether the ATC is invalidated after the TLB, from which the device could refill it (IHI0070 3.9.1).',
    true,
  ),
  atcAfterEntry: flag(
    'Whether the ATC is invalidated after the STE has changed, before which the device could refill it.',
    true,
  ),
  guestCommandsAreSynced: flag(
    "Whether a guest's commands are followed by a SYNC before its VMM is told that they were handled.",
    true,
  ),
  resetEmptiesCaches: flag('Whether the caches of a pSMMU are invalidated before it is enabled.', true),
  steRangeCovers: decision<(start: number, range: number, streamId: number) => boolean>(
    'Whether CMD_CFGI_STE_RANGE from a StreamID on covers another: 2^(Range+1) of them, aligned (IHI0070 4.3.2).',
    '(start: number, range: number, streamId: number) => boolean',
    steRangeHas,
  ),
} satisfies Declarations;

export type SmmuMachineRules = RulesOf<typeof smmuMachinePoints>;

export const smmuMachineIntended: SmmuMachineRules = intendedOf(smmuMachinePoints);
