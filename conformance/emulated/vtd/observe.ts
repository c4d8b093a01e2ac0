import type { GuestWords } from '../../../model/platform/emulated.ts';
import type { EmulatedVtdHardware } from '../../../model/platform/emulated-vtd.ts';
import { guestHalf, guestWord, withWords } from '../../../model/platform/guest-memory.ts';
import type { Step } from '../../../model/step.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import { queueing } from '../../../model/vtd/emulated/handle.ts';
import { FAULT, type FaultRegisters } from '../../../model/vtd/emulated/registers.ts';
import type { Command } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import { hexOf } from '../hex-of.ts';
import type { Seen } from '../lines.ts';

/** SID and FM of CCMD_REG (VT-d 11.4.5). */
const WRITE_ONLY = 0x3_ffff_0000n;

/** Below it a PC has more than RAM. */
const LOW_MEMORY = 0x10_0000n;

/** What is to be seen behind a step of the model. What no observer can tell, as memory that has no content, is left out. */
export function seenOf(before: World, command: Command, { world, result }: Step): Seen {
  const [was, now] = [before.emulatedVtd, world.emulatedVtd];
  const hardware = world.platform.emulatedVtd;
  if (was === null || now === null || hardware === undefined)
    throw new Error('a platform with an emulated remapping unit');
  if (result.ok && result.out.ends === 1) return { ends: 'died' };
  const { gsts, fsts, iqh, ics, ccmd, iotlb } = now.registers;
  const registers: Seen = {
    ...{ ends: 'no', GSTS: hexOf(gsts), FSTS: hexOf(fsts), IQH: hexOf(iqh), ICS: hexOf(ics) },
    ...{ record: recordText(now.registers), changed: changedText(changesOf(hardware, was, command, now)) },
  };
  if (command.command === 'vtdWrite' && command.args.register === 'CCMD')
    return { ...registers, CCMD: hexOf(ccmd & ~WRITE_ONLY) };
  if (command.command === 'vtdWrite' && command.args.register === 'IOTLB')
    return { ...registers, IOTLB: hexOf(iotlb) };
  if (command.command !== 'vtdDma') return registers;
  const address = result.ok ? (result.out.address as bigint | undefined) : undefined;
  const { write } = command.args;
  if (address === undefined) return { ...registers, ...(write ? { landed: 'nowhere' } : { value: '0x0' }) };
  const half = address < LOW_MEMORY ? undefined : guestHalf(hardware, now.memory, address);
  if (half === undefined) return registers;
  return { ...registers, ...(write ? { landed: hexOf(address) } : { value: hexOf(half) }) };
}

/** With F clear the other bits are what they were at some time before. */
export function recordText({ record: [low, high] }: Pick<FaultRegisters, 'record'>): string {
  return (high & FAULT) === 0n ? 'none' : `${hexOf(low)} ${hexOf(high)}`;
}

/** Words that the machine itself has changed in a step, by their addresses. */
function changesOf(
  hardware: EmulatedVtdHardware,
  was: EmulatedVtd,
  command: Command,
  now: EmulatedVtd,
): ReadonlyMap<bigint, bigint> {
  const memory = storedIn(was, command);
  const changed = new Map<bigint, bigint>();
  if (memory === now.memory) return changed;
  for (const [key, word] of Object.entries(now.memory)) {
    if (memory[key] === word) continue;
    const address = BigInt(`0x${key}`);
    if (guestWord(hardware, memory, address) !== word) changed.set(address, word);
  }
  return changed;
}

/** Memory with what the guest stores in a step. */
function storedIn(state: EmulatedVtd, command: Command): GuestWords {
  if (command.command === 'vtdStore')
    return withWords(state.memory, command.args.address, command.args.words ?? []);
  if (command.command !== 'vtdDescriptors') return state.memory;
  const { stores } = queueing(state, command.args.words ?? []);
  return stores.reduce((memory, each) => withWords(memory, each.address, each.words), state.memory);
}

/** In order of their addresses. */
export function changedText(changed: ReadonlyMap<bigint, bigint>): string {
  const sorted = [...changed].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([address, word]) => `${hexOf(address)}:${hexOf(word)}`).join(' ') || 'nothing';
}

/** Words by their addresses, as a line has them. */
export function changedIn(text: string | undefined): ReadonlyMap<bigint, bigint> {
  if (text === undefined || text === 'nothing') return new Map();
  return new Map(
    text.split(' ').map((each) => {
      const [address = '0x0', word = '0x0'] = each.split(':');
      return [BigInt(address), BigInt(word)] as const;
    }),
  );
}
