import type { EmulatedVtd } from '../../model/vtd/emulated/emulated.ts';
import { hex } from '../look.ts';
import { bits } from '../own/bits.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';

const WORDS = 4;
const WAIT = 5;
const QIES = 26;
const IQE = 4;

interface Taken {
  readonly before: EmulatedVtd;
  readonly after: EmulatedVtd;
  /** What the queue has executed, descriptor by descriptor. */
  readonly executed: readonly (readonly bigint[])[];
}

/** A step in which a queue that is on could go on. */
function taken({ before: old, command, result, world }: Transition): Taken | null {
  const { emulatedVtd: before } = old;
  const { emulatedVtd: after } = world;
  const works = command.command === 'vtdDescriptors' || command.command === 'vtdWrite';
  if (!works || !result.ok || before === null || after === null) return null;
  const words = (result.out.executed ?? []) as readonly bigint[];
  const executed = Array.from({ length: words.length / WORDS }, (_, at) =>
    words.slice(WORDS * at, WORDS * (at + 1)),
  );
  return { before, after, executed };
}

const isOn = ({ registers }: EmulatedVtd): boolean => bits(BigInt(registers.gsts), QIES, 1) === 1;
const stands = ({ registers }: EmulatedVtd): boolean => bits(BigInt(registers.fsts), IQE, 1) === 1;

/** The host's part of the address in IQA_REG. */
const placeOf = (iqa: bigint): bigint => iqa & 0xffff_ffff_f000n;

/** Four bytes of the guest's memory. */
function halfAt({ memory }: EmulatedVtd, address: bigint): number {
  return bits(memory[(address & ~7n).toString(16)], (address & 4n) === 0n ? 0 : 32, 32);
}

/** What a wait descriptor tells: its data where it says, and IWC. The last of those that say the same place counts. */
function untold({ after, executed }: Taken): Violation {
  const told = new Map<bigint, number>();
  for (const [low = 0n, high = 0n] of executed) {
    if (bits(low, 0, 4) !== WAIT) continue;
    if (bits(low, 4, 1) === 1 && after.registers.ics !== 1)
      return 'a wait descriptor with IF is done, and IWC is clear';
    if (bits(low, 5, 1) === 1) told.set(high & ~3n, bits(low, 32, 32));
  }
  for (const [place, data] of told)
    if (halfAt(after, place) !== data)
      return `at ${hex(place)} is ${halfAt(after, place)}, where a wait descriptor was to write ${data}`;
  return null;
}

export const vtdQueueIsConsumed: StepProperty = {
  id: 'vtd-queue-is-consumed',
  sentence:
    'An emulated VT-d unit consumes its invalidation queue up to the tail, or stops with IQE at a descriptor that it cannot take. A wait descriptor that is consumed has written its data, and reported what its IF asks for.',
  source: 'VT-d 6.5.2, 6.5.2.8, 11.4.9',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-queue-waits-for-tail',
  violated(transition) {
    const found = taken(transition);
    if (found === null) return null;
    const { after, before, executed } = found;
    if (!isOn(after)) {
      const { iqh } = after.registers;
      return isOn(before) && iqh !== 0n ? `IQH is ${hex(iqh)} where the queue is off` : null;
    }
    const { iqh, iqt, iqa, queue } = after.registers;
    const bytes = bits(iqa, 11, 1) === 1 ? 32n : 16n;
    const size = 0x1000n << BigInt(bits(iqa, 0, 3));
    const isAsTold = BigInt(queue.size) * bytes === size && queue.base === placeOf(iqa);
    if (!isOn(before)) return isAsTold ? untold(found) : 'the queue is not where IQA_REG says';
    // Nobody says what becomes of a queue whose IQA_REG is written while it is on.
    if (!isAsTold || iqa !== before.registers.iqa) return untold(found);
    // Nor of one whose head or tail is of descriptors of another width: IQT_REG is to be 0 where a queue is turned on (VT-d 6.5.2).
    const old = before.registers;
    const isHead = BigInt(old.queue.head) * bytes === old.iqh;
    const isTail = iqt !== old.iqt || BigInt(old.queue.tail) * bytes === iqt;
    if (!isHead || !isTail) return untold(found);
    // A tail between two descriptors is no place in the queue, which keeps the one from before.
    if (!stands(after) && iqh !== iqt && iqt % bytes === 0n)
      return `IQH is ${hex(iqh)} and IQT ${hex(iqt)}, and IQE is clear`;
    const moved =
      stands(before) && stands(after)
        ? null
        : (before.registers.iqh + bytes * BigInt(executed.length)) % size;
    if (moved !== null && iqh !== moved) return `IQH is ${hex(iqh)} behind ${executed.length} descriptors`;
    return untold(found);
  },
  witness: (transition) => (taken(transition)?.executed.length ?? 0) > 0,
};
