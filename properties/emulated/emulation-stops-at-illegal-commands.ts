import type { QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

type Implementation = QemuSmmu['implementation'];
type Features = Implementation['idr0'];

/** STALL_MODEL = 0b01: the SMMU never stalls. */
const NO_STALL = 1;

/** What the opcodes of a Non-secure queue need of IDR0 (IHI0070 4.1.3); those that are not here, nobody has. */
const NEEDS: ReadonlyMap<number, (idr0: Features) => boolean> = new Map([
  ...all([0x01, 0x02, 0x03, 0x04, 0x30, 0x46], () => true),
  ...all([0x05, 0x06, 0x10, 0x11, 0x12, 0x13], ({ S1P }: Features) => S1P === 1),
  ...all([0x20, 0x21, 0x22, 0x23], ({ HYP }: Features) => HYP === 1),
  ...all([0x28, 0x2a], ({ S2P }: Features) => S2P === 1),
  ...all([0x40], ({ ATS }: Features) => ATS === 1),
  ...all([0x41], ({ PRI }: Features) => PRI === 1),
  ...all([0x44, 0x45], ({ STALL_MODEL }: Features) => STALL_MODEL !== NO_STALL),
]);

function all(
  opcodes: readonly number[],
  has: (idr0: Features) => boolean,
): readonly (readonly [number, (idr0: Features) => boolean])[] {
  return opcodes.map((opcode) => [opcode, has]);
}

const SYNC = 0x46;

/** With a StreamID: bit 10 is SSec, which only the Secure queue may set. */
const SECURE_STREAM = new Set([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x40, 0x41, 0x44, 0x45]);

/** By address: bits [11:10] of the second doubleword are a granule, 4 KiB, 16 KiB or 64 KiB, of a range (IDR3.RIL). */
const RANGED = new Set([0x12, 0x13, 0x2a]);

/** NUM and SCALE of the first doubleword; TTL of the second. */
const LENGTH = (0x1fn << 12n) | (0x1fn << 20n);
const LEVEL = 0x3n << 8n;

function isIllegal([first, second]: Pair, { idr0, idr3, idr5 }: Implementation): boolean {
  const opcode = Number(first & 0xffn);
  if (NEEDS.get(opcode)?.(idr0) !== true) return true;
  const granule = Number((second >> 10n) & 3n);
  if (RANGED.has(opcode) && idr3.RIL === 1 && granule !== 0) {
    const has = granule === 1 ? idr5.GRAN4K : granule === 2 ? idr5.GRAN16K : idr5.GRAN64K;
    return has === 0 || ((first & LENGTH) === 0n && (second & LEVEL) === 0n);
  }
  if (opcode === SYNC) return ((first >> 12n) & 3n) === 3n;
  return SECURE_STREAM.has(opcode) && ((first >> 10n) & 1n) === 1n;
}

type Pair = readonly [bigint, bigint];

interface Queued {
  readonly before: QemuSmmu;
  readonly after: QemuSmmu;
  /** What is in the queue, oldest first. */
  readonly commands: readonly Pair[];
}

function queued({ before, command, world }: Transition): Queued | null {
  if (command.command !== 'emulatedCommands' || before.emulated === null || world.emulated === null)
    return null;
  const { smmu } = before.emulated;
  const stopped = ((smmu.gerror ^ smmu.gerrorn) & 1) === 1;
  if (stopped || !smmu.commandsEnabled || smmu.waiting.length > 0) return null;
  const words = command.args.words ?? [];
  const commands = Array.from(
    { length: words.length >> 1 },
    (_, at): Pair => [words[2 * at] ?? 0n, words[2 * at + 1] ?? 0n],
  );
  return { before: smmu, after: world.emulated.smmu, commands };
}

export const emulationStopsAtIllegalCommands: StepProperty = {
  id: 'emulation-stops-at-illegal-commands',
  sentence:
    'The command queue of an emulated SMMUv3 stops at the first command that its ID registers do not have, and at no other.',
  source: 'IHI0070 4.1.3, 7.1: CERROR_ILL',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'commands-unjudged',
  violated(transition) {
    const seen = queued(transition);
    if (seen === null) return null;
    const { after, commands, before } = seen;
    const stops = commands.findIndex((pair) => isIllegal(pair, before.implementation));
    const expected = stops < 0 ? 0 : commands.length - stops;
    if (after.waiting.length === expected) return null;
    const last = commands.length - after.waiting.length;
    return stops < 0
      ? `the queue stops at command ${last}, which is legal`
      : `command ${stops} of the batch (opcode 0x${(Number(commands[stops]?.[0]) & 0xff).toString(16)}) is illegal, and the queue ${after.waiting.length === 0 ? 'goes on' : `stops at command ${last}`}`;
  },
  witness(transition) {
    const seen = queued(transition);
    return seen?.commands.some((pair) => isIllegal(pair, seen.before.implementation)) === true;
  },
};
