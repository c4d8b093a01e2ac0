import type { WrittenRegister } from '../../../spec/vtd/register-offsets.ts';
import type { EmulatedVtdHardware } from '../../platform/emulated-vtd.ts';
import { guestWord, withWords, wordKey } from '../../platform/guest-memory.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import type { VtdOutcome } from '../architecture/outcome.ts';
import { translateQemuVtd } from '../qemu/translate.ts';
import type { EmulatedVtdArgs, EmulatedVtdCommandName } from './command.ts';
import { type EmulatedVtd, resetVtd } from './emulated.ts';
import { type Working, writeTail } from './queue.ts';
import { descriptorWords, indexIn, queueSize, registerOf, registersAfter } from './registers.ts';
import { VTD_WRITES } from './write.ts';

const SOURCE_IDS = 1 << 16;

type Handler<N extends EmulatedVtdCommandName> = (tx: Tx, args: EmulatedVtdArgs[N]) => Result;

/** What a guest does with its emulated remapping unit. */
export const EMULATED_VTD_HANDLERS: { readonly [N in EmulatedVtdCommandName]: Handler<N> } = {
  vtdStore: (tx, { address, words }) =>
    work(tx, (_, state) => quiet({ ...state, memory: withWords(state.memory, address, words ?? []) })),

  vtdWrite(tx, { register, value }) {
    const write = Object.hasOwn(VTD_WRITES, register) ? VTD_WRITES[register as WrittenRegister] : undefined;
    if (write === undefined) return refused('EINVAL');
    return work(tx, (hardware, state) => write(hardware, state, value, tx.rules.vtdArchitecture));
  },

  vtdDescriptors: (tx, { words }) =>
    work(tx, (hardware, state) => {
      const { stores, tail } = queueing(state, words ?? []);
      const memory = stores.reduce(
        (before, each) => withWords(before, each.address, each.words),
        state.memory,
      );
      return writeTail(hardware, { ...state, memory }, tail, tx.rules.vtdArchitecture);
    }),

  vtdDma(tx, { source, iova, write }) {
    const { emulatedVtd: state, platform } = tx.world;
    const hardware = platform.emulatedVtd;
    if (state === null || hardware === undefined) return refused('ENODEV');
    if (source >= SOURCE_IDS) return refused('EINVAL');
    const request = { sourceId: source, address: iova, write };
    const read = (address: bigint) => guestWord(hardware, state.memory, address);
    const { vtd, outcome } = translateQemuVtd(state.vtd, request, read, tx.rules.vtdArchitecture);
    if (outcome.kind === 'ends') return done({ ends: 1 });
    const registers = { ...state.registers, ...registersAfter(state.registers, outcome, request) };
    const memory = flagged(state.memory, outcome);
    tx.world = { ...tx.world, emulatedVtd: { vtd, registers, memory } };
    if (outcome.kind === 'translated') return done({ address: outcome.address });
    return done(outcome.kind === 'fault' ? { reason: outcome.reason } : {});
  },

  vtdReset: (tx) => work(tx, (hardware, state) => quiet({ ...state, ...resetVtd(hardware) })),
};

/** What a guest stores to put descriptors into its queue, and what it writes to IQT then. */
export function queueing(
  { registers }: Pick<EmulatedVtd, 'registers'>,
  words: readonly bigint[],
): {
  readonly stores: readonly { readonly address: bigint; readonly words: readonly bigint[] }[];
  readonly tail: bigint;
} {
  const size = descriptorWords(registers);
  const base = registers.iqa & ~0xfffn;
  let at = indexIn(registers.iqt, size);
  const stores: { readonly address: bigint; readonly words: readonly bigint[] }[] = [];
  for (let first = 0; first + size <= words.length; first += size) {
    stores.push({ address: base + registerOf(at, size), words: words.slice(first, first + size) });
    at = (at + 1) % queueSize(registers);
  }
  return { stores, tail: registerOf(at, size) };
}

/** Accessed and dirty flags that the walk has written. */
function flagged(memory: EmulatedVtd['memory'], outcome: VtdOutcome): EmulatedVtd['memory'] {
  if (!('updates' in outcome) || outcome.updates.length === 0) return memory;
  const changed = Object.fromEntries(outcome.updates.map(({ address, value }) => [wordKey(address), value]));
  return { ...memory, ...changed };
}

function quiet(state: EmulatedVtd): Working {
  return { state, executed: [] };
}

function work(tx: Tx, how: (hardware: EmulatedVtdHardware, state: EmulatedVtd) => Working): Result {
  const { emulatedVtd, platform } = tx.world;
  if (emulatedVtd === null || platform.emulatedVtd === undefined) return refused('ENODEV');
  const { state, executed } = how(platform.emulatedVtd, emulatedVtd);
  tx.world = { ...tx.world, emulatedVtd: state };
  return executed.length === 0 ? done() : done({ executed: executed.flat() });
}
