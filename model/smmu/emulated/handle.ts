import type { EmulatedHardware } from '../../platform/emulated.ts';
import { guestWord, withWords } from '../../platform/guest-memory.ts';
import type { CommandArgs } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import type { Access } from '../architecture/access.ts';
import { type SmmuArchitectureRules, smmuArchitectureIntended } from '../architecture/rules.ts';
import { acknowledgeCommand, queueCommands } from '../qemu/command.ts';
import { consumeEvents } from '../qemu/event-queue.ts';
import { type QemuSmmu, resetAgain, writeCr0, writeGbpa, writeStreamTable } from '../qemu/smmu.ts';
import { type Translated, translateCached } from '../qemu/translate.ts';
import type { EmulatedArgs, EmulatedCommandName } from './command.ts';
import { asDriversSet, type Emulated } from './emulated.ts';

/** A StreamID has 32 bits in commands and events, a PASID 20. */
const STREAMS = 2 ** 32;
const SSIDS = 2 ** 20;

type Handler<N extends EmulatedCommandName> = (tx: Tx, args: EmulatedArgs[N]) => Result;

/** What a guest does with its emulated SMMUv3. */
export const EMULATED_HANDLERS: { readonly [N in EmulatedCommandName]: Handler<N> } = {
  emulatedStore: (tx, { address, words }) =>
    change(tx, ({ memory }) => ({ memory: withWords(memory, address, words ?? []) })),

  // What waits in the command queue is executed once it is enabled.
  emulatedCr0: (tx, { value }) =>
    changeBoth(tx, (smmu, rules) => queueCommands(writeCr0(smmu, value), [], rules)),

  emulatedGbpa: (tx, { value }) => changeBoth(tx, (smmu) => writeGbpa(smmu, value)),

  emulatedStreamTable: (tx, { base, config }) =>
    changeBoth(tx, (smmu, rules) => writeStreamTable(smmu, base, config, rules)),

  emulatedCommands(tx, { words }) {
    const given = words ?? [];
    const commands = Array.from({ length: given.length >> 1 }, (_, at) => given.slice(2 * at, 2 * at + 2));
    return changeBoth(tx, (smmu, rules) => queueCommands(smmu, commands, rules));
  },

  emulatedAcknowledge: (tx) => changeBoth(tx, acknowledgeCommand),

  emulatedEvents(tx) {
    const data = tx.world.emulated?.events.flat() ?? [];
    const result = changeBoth(tx, consumeEvents);
    change(tx, () => ({ events: [] }));
    return result.ok ? done({ data }) : result;
  },

  emulatedDma(tx, args) {
    const { emulated, platform } = tx.world;
    if (emulated === null || platform.emulated === undefined) return refused('ENODEV');
    if (args.stream < 0 || args.stream >= STREAMS || args.ssid < 0 || args.ssid >= SSIDS)
      return refused('EINVAL');
    const [under, twin] = translateBoth(platform.emulated, emulated, args, tx.rules.smmuArchitecture);
    const queued = under.event === undefined ? [] : [tx.rules.smmuArchitecture.queuedEvent(under.event)];
    const events = queued.length === 0 ? emulated.events : [...emulated.events, ...queued];
    change(tx, () => ({ smmu: under.smmu, twin: twin.smmu, events }));
    return done(answerOf(under));
  },

  // The phases of a reset: devices stop in the second, and so must what they do DMA through, after them.
  emulatedReset(tx, { ends }) {
    const { emulated, platform } = tx.world;
    if (emulated === null || platform.emulated === undefined) return refused('ENODEV');
    if (ends !== emulated.resetting) return refused('EINVAL');
    const { registers } = platform.emulated satisfies EmulatedHardware;
    // What a register is that is UNKNOWN after a reset, the twin has as the emulation has it.
    const clean = (smmu: QemuSmmu) => asDriversSet(resetAgain(smmu, registers, tx.rules.smmuArchitecture));
    if (!ends) {
      const early = tx.rules.smmuArchitecture.resetsLast ? {} : { smmu: clean(emulated.smmu) };
      return change(tx, () => ({ ...early, resetting: true }));
    }
    return change(tx, () => ({
      smmu: clean(emulated.smmu),
      twin: clean(emulated.twin),
      events: [],
      resetting: false,
    }));
  },
};

/** A DMA through the emulation and through its twin. */
export function translateBoth(
  hardware: EmulatedHardware,
  { smmu, twin, memory }: Emulated,
  args: CommandArgs['emulatedDma'],
  rules: SmmuArchitectureRules,
): readonly [Translated, Translated] {
  const access = accessOf(args);
  const through = (own: QemuSmmu, under: SmmuArchitectureRules) =>
    translateCached(
      own,
      access,
      (address) => guestWord(hardware, memory, address) ?? under.outsideRam(address),
      under,
    );
  return [through(smmu, rules), through(twin, smmuArchitectureIntended)];
}

export function accessOf({ stream, iova, write, ssv, ssid }: CommandArgs['emulatedDma']): Access {
  return {
    streamId: stream,
    substreamId: ssv ? ssid : undefined,
    address: iova,
    write,
    privileged: false,
    instruction: false,
  };
}

/** Where the access ended: an address, an event, or silence. */
export function answerOf({
  outcome,
  event,
}: Translated): Readonly<Record<string, number | bigint | readonly bigint[]>> {
  if (outcome.kind === 'translated') return { address: outcome.address };
  if (outcome.kind === 'unmodelled' && outcome.what === 'the end of the emulator') return { ends: 1 };
  return event === undefined ? {} : { event };
}

function change(tx: Tx, how: (emulated: Emulated) => Partial<Emulated>): Result {
  const { emulated } = tx.world;
  if (emulated === null) return refused('ENODEV');
  tx.world = { ...tx.world, emulated: { ...emulated, ...how(emulated) } };
  return done();
}

/** The same happens to the emulation, under the rules in force, and to its twin, under the architecture's. */
function changeBoth(tx: Tx, how: (smmu: QemuSmmu, rules: SmmuArchitectureRules) => QemuSmmu): Result {
  return change(tx, ({ smmu, twin }) => ({
    smmu: how(smmu, tx.rules.smmuArchitecture),
    twin: how(twin, smmuArchitectureIntended),
  }));
}
