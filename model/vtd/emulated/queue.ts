import { decode } from '../../../spec/bits.ts';
import { decodeDescriptor } from '../../../spec/vtd/descriptor.ts';
import { queueAddress } from '../../../spec/vtd/registers.ts';
import type { GuestMemory } from '../../platform/guest-memory.ts';
import { guestWord, storedHalf } from '../../platform/guest-memory.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import { takeDescriptor } from '../qemu/invalidate.ts';
import type { EmulatedVtd } from './emulated.ts';
import { descriptorWords, IQE, indexIn, queueSize, registerOf } from './registers.ts';

const QIES = 1 << 26;
const WAIT = 5;
/** A queue of 256-bit descriptors has no odd places of 16 bytes. */
const ODD = 1n << 4n;

/** Where the unit works: its state, the hardware it is on, and what it was told to invalidate meanwhile. */
export interface Working {
  readonly state: EmulatedVtd;
  /** Descriptors that were executed, four words each. */
  readonly executed: readonly (readonly bigint[])[];
}

export function isQueued({ registers }: Pick<EmulatedVtd, 'registers'>): boolean {
  return (registers.gsts & QIES) !== 0;
}

function queueError(state: EmulatedVtd): EmulatedVtd {
  return { ...state, registers: { ...state.registers, fsts: state.registers.fsts | IQE } };
}

/** IQT_REG is written. */
export function writeTail(
  hardware: GuestMemory,
  state: EmulatedVtd,
  value: bigint,
  rules: VtdArchitectureRules,
): Working {
  const words = descriptorWords(state.registers);
  const registers = { ...state.registers, iqt: value & 0x7_fff0n };
  if (words === 4 && (value & ODD) !== 0n)
    return { state: queueError({ ...state, registers }), executed: [] };
  const queue = { ...registers.queue, tail: indexIn(value, words) };
  return fetch(hardware, { ...state, registers: { ...registers, queue } }, rules);
}

/** GCMD_REG.QIE changes. */
export function switchQueue(
  hardware: GuestMemory,
  state: EmulatedVtd,
  on: boolean,
  rules: VtdArchitectureRules,
): Working {
  const { registers } = state;
  const { queue, gsts } = registers;
  if (on) {
    const base = decode(queueAddress, [registers.iqa]).IQA & ((1n << BigInt(state.vtd.unit.hostBits)) - 1n);
    const started = { ...queue, base, size: queueSize(registers) };
    const next = { ...state, registers: { ...registers, gsts: (gsts | QIES) >>> 0, queue: started } };
    // What is in it already is taken at once.
    return queue.tail === 0 ? { state: next, executed: [] } : fetch(hardware, next, rules);
  }
  const mayStop = rules.queueStopsWhenTold || (queue.head === queue.tail && queue.last === WAIT);
  if (!mayStop) return { state, executed: [] };
  const stopped = { ...registers, gsts: (gsts & ~QIES) >>> 0, iqh: 0n, queue: { ...queue, head: 0 } };
  return { state: { ...state, registers: stopped }, executed: [] };
}

/** FSTS_REG.IQE was cleared. */
export function resumeQueue(hardware: GuestMemory, state: EmulatedVtd, rules: VtdArchitectureRules): Working {
  return rules.queueResumesWhenCleared ? fetch(hardware, state, rules) : { state, executed: [] };
}

/** Takes descriptors up to the tail, or the first that cannot be taken. */
function fetch(hardware: GuestMemory, start: EmulatedVtd, rules: VtdArchitectureRules): Working {
  const executed: (readonly bigint[])[] = [];
  let state = start;
  if (!isQueued(state) || (state.registers.fsts & IQE) !== 0) return { state, executed };
  const { base, size, tail } = state.registers.queue;
  if (tail >= size) return { state: queueError(state), executed };
  const words = descriptorWords(state.registers);
  while (state.registers.queue.head !== tail) {
    const { head } = state.registers.queue;
    const descriptor = descriptorAt(hardware, state, base + registerOf(head, words), words);
    const last = descriptor === null ? null : Number((descriptor[0] ?? 0n) & 0xfn);
    const fetched = withQueue(state, { last });
    const taken = descriptor === null ? null : take(hardware, fetched, descriptor, rules);
    if (taken === null) return { state: queueError(fetched), executed };
    executed.push([...(descriptor ?? []), 0n, 0n].slice(0, 4));
    const next = head + 1 === size ? 0 : head + 1;
    const moved = withQueue(taken, { head: next });
    state = { ...moved, registers: { ...moved.registers, iqh: registerOf(next, words) & 0x7_fff0n } };
  }
  return { state, executed };
}

function withQueue(state: EmulatedVtd, queue: Partial<EmulatedVtd['registers']['queue']>): EmulatedVtd {
  const { registers } = state;
  return { ...state, registers: { ...registers, queue: { ...registers.queue, ...queue } } };
}

function descriptorAt(
  hardware: GuestMemory,
  { memory }: EmulatedVtd,
  address: bigint,
  words: number,
): readonly bigint[] | null {
  const read: bigint[] = [];
  for (let at = 0; at < words; at++) {
    const word = guestWord(hardware, memory, address + BigInt(8 * at));
    if (word === undefined) return null;
    read.push(word);
  }
  return read;
}

/** One descriptor; null: it cannot be taken. */
function take(
  hardware: GuestMemory,
  state: EmulatedVtd,
  words: readonly bigint[],
  rules: VtdArchitectureRules,
): EmulatedVtd | null {
  const read = (address: bigint) => guestWord(hardware, state.memory, address);
  const vtd = takeDescriptor(state.vtd, words, read, rules);
  if (vtd === null) return null;
  const descriptor = decodeDescriptor(words);
  return descriptor?.name === 'WAIT' ? wait(hardware, state, descriptor.fields, rules) : { ...state, vtd };
}

interface Wait {
  readonly IF: number;
  readonly SW: number;
  readonly FN: number;
  readonly PD: number;
  readonly STATUS_DATA: number;
  readonly STATUS_ADDRESS: bigint;
}

/** Everything before it is done, so that it is at once (VT-d 6.5.2.8). */
function wait(
  hardware: GuestMemory,
  state: EmulatedVtd,
  { IF, SW, FN, PD, STATUS_DATA, STATUS_ADDRESS }: Wait,
  rules: VtdArchitectureRules,
): EmulatedVtd | null {
  if (PD === 1 && !state.vtd.unit.pageRequestDrain) return null;
  if (IF === 0 && SW === 0 && FN === 0 && PD === 0) return rules.bareWaitIsTaken ? state : null;
  let after = state;
  if (SW === 1) {
    const memory = storedHalf(hardware, state.memory, STATUS_ADDRESS, STATUS_DATA);
    if (memory === null) return null;
    after = { ...after, memory };
  }
  return IF === 1 ? { ...after, registers: { ...after.registers, ics: 1 } } : after;
}
