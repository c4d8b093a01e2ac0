import type { GuestWords } from '../../model/platform/emulated.ts';
import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import { guestWord } from '../../model/platform/guest-memory.ts';
import type { RootTable } from '../../model/vtd/architecture/context.ts';
import { vtdArchitectureIntended } from '../../model/vtd/architecture/rules.ts';
import { translateVtd } from '../../model/vtd/architecture/translate.ts';
import { vtdUnitOf } from '../../model/vtd/architecture/unit.ts';
import { hex } from '../look.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { answerText, isCold, rootTableWord, type VtdAccess, vtdAccess } from './emulation.ts';
import { type Asked, CAN, type Capabilities } from './own/unit.ts';
import { type Ended, ownWalk } from './own/walk.ts';

function hardwareOf({ before }: Transition): EmulatedVtdHardware {
  const { emulatedVtd: hardware } = before.platform;
  if (hardware === undefined) throw new Error('a platform with an emulated remapping unit');
  return hardware;
}

/** What a unit of these registers is asked, and the tables in which it looks. */
interface Question {
  readonly hardware: EmulatedVtdHardware;
  readonly unit: Capabilities;
  readonly enabled: boolean;
  readonly root: RootTable;
  readonly asked: Asked;
  readonly memory: GuestWords;
}

/** As the device asked. */
function question(transition: Transition, { state, args }: VtdAccess): Question {
  const hardware = hardwareOf(transition);
  const { cap, ecap, hostAddressWidth: hostBits } = hardware;
  const { enabled, root } = state.vtd;
  const { source, iova: address, write } = args;
  return {
    hardware,
    unit: { cap, ecap, hostBits },
    enabled,
    root,
    asked: { source, address, write },
    memory: state.memory,
  };
}

const bit = (at: number): bigint => 1n << BigInt(at);

/** What units with PASIDs and privileges have beside the others. */
const MORE =
  bit(CAN.deviceTlb) | bit(CAN.supervisor) | bit(CAN.execute) | bit(CAN.pasids) | bit(CAN.ridPasid);

/** Requests that no device of the emulation makes: with a PASID, of a supervisor, or translated already. */
function others(own: Question): readonly Question[] {
  const { unit, asked } = own;
  const able = { ...own, unit: { ...unit, ecap: unit.ecap | MORE } };
  return [
    able,
    { ...able, asked: { ...asked, pasid: 0 } },
    { ...able, asked: { ...asked, pasid: 1, privileged: true } },
    { ...able, asked: { ...asked, pasid: 0, privileged: true } },
    { ...able, asked: { ...asked, translated: true } },
  ];
}

function ownAnswer({ hardware, unit, enabled, root, asked, memory }: Question): Ended {
  return ownWalk(unit, enabled, root, asked, (at) => guestWord(hardware, memory, at));
}

function textOf(ended: Ended): string {
  if (ended === 'silent') return 'nothing';
  if ('address' in ended) return `address ${hex(ended.address)}`;
  return `fault ${hex(BigInt(ended.reason))}`;
}

/** All of a walk: where it ends, whether its fault is recorded, and what it leaves in tables. */
function wholeText(ended: Ended): string {
  if (ended === 'silent') return textOf(ended);
  if (!('address' in ended)) return `${textOf(ended)}${ended.recorded ? '' : ', not recorded'}`;
  const flags = [...ended.flagged].map(([at, word]) => `${hex(at)}: ${hex(word)}`).sort();
  return [textOf(ended), ...flags].join(', ');
}

/** What the model's architecture says. */
function walked({ hardware, unit, enabled, root, asked, memory }: Question): string {
  const { cap, ecap, hostBits: hostAddressWidth } = unit;
  const { source: sourceId, ...request } = asked;
  const outcome = translateVtd(
    vtdUnitOf({ cap, ecap, hostAddressWidth }),
    { enabled, rootTable: rootTableWord(root) },
    { sourceId, ...request },
    (at) => guestWord(hardware, memory, at),
    vtdArchitectureIntended,
  );
  switch (outcome.kind) {
    case 'translated': {
      const flagged = new Map(outcome.updates.map(({ address, value }) => [address, value]));
      return wholeText({ address: outcome.address, flagged });
    }
    case 'fault':
      return wholeText({ reason: outcome.reason, recorded: outcome.recorded });
    default:
      return wholeText('silent');
  }
}

/** Which words of tables a translation has changed otherwise than its walk says; null: none. */
function misflagged({ world }: Transition, own: Question, ended: Ended): string | null {
  if (ended === 'silent' || !('address' in ended)) return null;
  const after = world.emulatedVtd?.memory ?? own.memory;
  for (const key of Object.keys(after)) {
    const place = BigInt(`0x${key}`);
    const expected = ended.flagged.get(place) ?? own.memory[key];
    if (after[key] !== expected)
      return `the entry at ${hex(place)} is ${hex(after[key] ?? 0n)}, where the walk leaves ${hex(expected ?? 0n)}`;
  }
  return null;
}

export const vtdUnitWalksAsWritten: StepProperty = {
  id: 'vtd-unit-walks-as-written',
  sentence:
    'With empty caches, a request through a VT-d unit ends where the root, context, PASID and paging tables lead, and sets their flags; or it ends in the fault of the first thing that is wrong, which FPD keeps from the records.',
  source: 'VT-d 3.4 to 3.8, 7.1.3, 9.1 to 9.10; a second reading of it',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-legacy-reasons',
  violated(transition) {
    const access = vtdAccess(transition);
    if (access === null) return null;
    const own = question(transition, access);
    if (isCold(access.state)) {
      const expected = ownAnswer(own);
      const given = answerText(access.answer);
      if (given !== textOf(expected))
        return `the unit gives ${given}, where the tables say ${textOf(expected)}`;
      const flags = misflagged(transition, own, expected);
      if (flags !== null) return flags;
    }
    for (const each of [own, ...others(own)]) {
      const expected = wholeText(ownAnswer(each));
      const given = walked(each);
      if (given !== expected) return `the walk gives ${given}, where the tables say ${expected}`;
    }
    return null;
  },
  witness(transition) {
    const access = vtdAccess(transition);
    return access?.state.vtd.enabled === true && access.answer.address !== undefined;
  },
};
