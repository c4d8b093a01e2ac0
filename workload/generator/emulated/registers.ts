import { encode } from '../../../spec/bits.ts';
import { cr0, gbpa, StreamTableFormat, strtabBaseCfg } from '../../../spec/smmuv3/registers.ts';
import { oneIn, pick } from '../choice.ts';
import { type EmulatedMove, guest } from './move.ts';

const [ENABLED = 0n] = encode(cr0, { SMMUEN: 1, EVENTQEN: 1, CMDQEN: 1 });
const [QUEUES = 0n] = encode(cr0, { EVENTQEN: 1, CMDQEN: 1 });
const [NO_COMMANDS = 0n] = encode(cr0, { SMMUEN: 1, EVENTQEN: 1 });
const [UPDATE = 0n] = encode(gbpa, { UPDATE: 1 });
const [UPDATE_ABORT = 0n] = encode(gbpa, { UPDATE: 1, ABORT: 1 });

const writeCr0: EmulatedMove = {
  weight: ({ twin }) => (twin.enabled && twin.commandsEnabled ? 1 : 40),
  make: ({ twin }, draw) => {
    const off = twin.commandsEnabled && oneIn(4, draw) ? NO_COMMANDS : QUEUES;
    return guest('emulatedCr0', { value: Number(oneIn(10, draw) ? off : ENABLED) });
  },
};

const writeGbpa: EmulatedMove = {
  weight: ({ twin }) => (twin.enabled ? 0 : 1),
  make: (_, draw) => guest('emulatedGbpa', { value: Number(oneIn(2, draw) ? UPDATE : UPDATE_ABORT) }),
};

const writeStreamTable: EmulatedMove = {
  weight: ({ twin }) => (twin.stes.kind === 'memory' && twin.stes.table.log2Size === 0 ? 40 : 1),
  make(_, draw, { l1StreamTable, streamTable, tableSizes }) {
    const LOG2SIZE = pick(tableSizes, draw);
    const twoLevel = LOG2SIZE === tableSizes.at(-1) || oneIn(3, draw);
    const FMT = twoLevel ? StreamTableFormat.TwoLevel : StreamTableFormat.Linear;
    const [config = 0n] = encode(strtabBaseCfg, { LOG2SIZE, FMT, SPLIT: 6 });
    // A base that is not aligned to the table's size: the low bits do not count.
    const base = (twoLevel ? l1StreamTable : streamTable) + (oneIn(4, draw) ? 0x40n : 0n);
    return guest('emulatedStreamTable', { base, config: Number(config) });
  },
};

const reset: EmulatedMove = {
  weight: ({ resetting }) => (resetting ? 6 : 1),
  make: ({ resetting }) => ({
    actor: 'operator',
    command: 'emulatedReset',
    args: resetting ? { ends: true } : {},
  }),
};

/** What is done to registers, and the machine's reset. */
export const REGISTER_MOVES = [writeCr0, writeGbpa, writeStreamTable, reset] as const;
