import { guestWord } from '../../model/platform/guest-memory.ts';
import { hex } from '../look.ts';
import { bits } from '../own/bits.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { isCold, type VtdAccess, vtdAccess } from './emulation.ts';
import { ownWalk } from './own/walk.ts';

/** Bits of FSTS_REG (VT-d 11.4.9). */
const OVERFLOW = 1;
const PENDING = 2;

/** FSTS_REG, and the two words of the one fault recording register. */
type Faults = readonly [status: number, low: bigint, high: bigint];

function faultsOf({ registers }: VtdAccess['state']): Faults {
  return [registers.fsts, ...registers.record];
}

/** Whether FPD lets a fault be recorded; null: that depends on what is cached. */
function isRecorded(transition: Transition, { state, args }: VtdAccess): boolean | null {
  const { emulatedVtd: hardware } = transition.before.platform;
  if (hardware === undefined || !isCold(state)) return null;
  const { cap, ecap, hostAddressWidth: hostBits } = hardware;
  const asked = { source: args.source, address: args.iova, write: args.write };
  const ended = ownWalk({ cap, ecap, hostBits }, state.vtd.enabled, state.vtd.root, asked, (at) =>
    guestWord(hardware, state.memory, at),
  );
  return ended !== 'silent' && 'recorded' in ended ? ended.recorded : null;
}

/** What a fault that is recorded leaves in the registers (VT-d 7.2.1, 11.4.14). */
function recorded([status, low, high]: Faults, { args, answer }: VtdAccess): Faults {
  if ((status & OVERFLOW) !== 0) return [status, low, high];
  if (bits(high, 63, 1) === 1)
    return bits(high, 0, 16) === args.source ? [status, low, high] : [status | OVERFLOW, low, high];
  const reason = BigInt(answer.reason as number) << 32n;
  const isRead = args.write ? 0n : 1n << 62n;
  return [
    status | PENDING,
    args.iova - (args.iova % 0x1000n),
    (1n << 63n) | isRead | reason | BigInt(args.source),
  ];
}

function expectedAfter(transition: Transition, access: VtdAccess): readonly Faults[] {
  const before = faultsOf(access.state);
  if (access.answer.reason === undefined) return [before];
  const after = recorded(before, access);
  const isTold = isRecorded(transition, access);
  return isTold === null ? [before, after] : [isTold ? after : before];
}

const isSame = (a: Faults, b: Faults): boolean => a.every((word, at) => word === b[at]);

const textOf = (faults: Faults): string => faults.map((word) => hex(BigInt(word))).join(' ');

export const vtdFaultsAreRecorded: StepProperty = {
  id: 'vtd-faults-are-recorded',
  sentence:
    'The fault of a request is recorded with its page, source id, reason and kind of access, and PPF is set. While the record holds another fault, it stays, and PFO reports the loss, unless both are of one source. A fault that FPD disables is not recorded.',
  source: 'VT-d 7.2.1, 11.4.9, 11.4.14',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-fpd-not-for-pasid-table',
  violated(transition) {
    const access = vtdAccess(transition);
    const { emulatedVtd } = transition.world;
    if (access === null || emulatedVtd === null || access.answer.ends === 1) return null;
    const given = faultsOf(emulatedVtd);
    const expected = expectedAfter(transition, access);
    if (expected.some((each) => isSame(each, given))) return null;
    return `the fault registers hold ${textOf(given)}, and are to hold ${expected.map(textOf).join(' or ')}`;
  },
  witness: (transition) => {
    const access = vtdAccess(transition);
    return (
      access !== null &&
      bits(access.state.registers.record[1], 63, 1) === 1 &&
      access.answer.reason !== undefined
    );
  },
};
