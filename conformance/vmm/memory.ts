import { readGuest } from '../../model/vmm/memory.ts';
import type { Vm } from '../../model/vmm/vm.ts';
import type { Command } from '../../model/world/command.ts';
import { fillBytes, writeBytes } from '../../model/world/memory/memory.ts';
import { physicalOf, ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import { bytesOfHex, wordsOfBytes } from '../hex.ts';
import type { System } from '../linux/system.ts';
import type { LineOf } from './lines.ts';

const WORD = 8n;

/** Where a guest's address lies in the RAM of the host; null: the machine has no memory there. */
export function placeOf({ world }: System, gpa: bigint): number | null {
  for (const { start, pages, va } of world.platform.vmHardware?.[0]?.ram ?? []) {
    const length = BigInt(pages) * world.platform.kernel.pageSize;
    if (va === undefined || gpa < start || gpa >= start + length) continue;
    const physical = physicalOf(world.platform, va + (gpa - start));
    return physical === null ? null : ramOffsetOf(world.platform, physical);
  }
  return null;
}

/** The guest's address of a place in the RAM of the host; null: it is not the guest's. */
export function guestAddressOf(system: System, place: bigint): bigint | null {
  for (const { start, pages } of system.world.platform.vmHardware?.[0]?.ram ?? []) {
    const first = placeOf(system, start);
    const length = BigInt(pages) * system.world.platform.kernel.pageSize;
    if (first !== null && place >= BigInt(first) && place < BigInt(first) + length)
      return start + (place - BigInt(first));
  }
  return null;
}

/** What a guest's store is for its VMM: whole words, what is beside it as it was. */
export function storeOf(line: LineOf<'guest-store'>, { memory }: Vm, actor: string): Command {
  const pa = BigInt(line.pa);
  const zeros =
    line.hex === undefined && (line.byte ?? 0) === 0 && pa % WORD === 0n && (line.len ?? 0) % 8 === 0;
  if (zeros)
    return { actor, command: 'storeGuest', args: { address: pa, words: null, zeros: line.len ?? 0 } };
  const bytes = bytesOf(line);
  const first = pa - (pa % WORD);
  const end = pa + BigInt(bytes.length);
  const last = end + ((WORD - (end % WORD)) % WORD);
  const whole = new Uint8Array(Number(last - first));
  const view = new DataView(whole.buffer);
  for (let at = 0; at < whole.length; at += 8)
    view.setBigUint64(at, readGuest(memory, first + BigInt(at)), true);
  whole.set(bytes, Number(pa - first));
  return { actor, command: 'storeGuest', args: { address: first, words: wordsOfBytes(whole), zeros: 0 } };
}

function bytesOf({ hex, len = 0, byte = 0 }: LineOf<'guest-store'>): Uint8Array {
  return hex === undefined ? new Uint8Array(len).fill(byte) : bytesOfHex(hex);
}

/** The same store, as devices see it. */
export function storeInRam(system: System, line: LineOf<'guest-store'>): System {
  const at = placeOf(system, BigInt(line.pa));
  if (at === null) return system;
  const { machine, world } = system;
  const memory =
    line.hex === undefined
      ? fillBytes(machine.memory, at, line.len ?? 0, line.byte ?? 0)
      : writeBytes(machine.memory, at, bytesOf(line));
  return { world, machine: { ...machine, memory } };
}
