import { recordAt, registerAt, writtenAt } from '../../../live/vtd/places.ts';
import { bootWorld } from '../../../model/boot.ts';
import { NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import type { EmulatedVtdHardware } from '../../../model/platform/emulated-vtd.ts';
import { guestWord, wordKey } from '../../../model/platform/guest-memory.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { Rules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import type { Out } from '../../../model/world/result.ts';
import type { World } from '../../../model/world/world.ts';
import { WRITTEN_REGISTERS } from '../../../spec/vtd/register-offsets.ts';
import { dma, write as registerWrite } from '../../model/vtd/emulated/machine.ts';
import { FakeEdu, type Transfer } from './edu.ts';
import type { FakeMachine } from './machine.ts';

/** The source id of what is behind the bridge to PCI, and where that is. */
const BEHIND_BRIDGE = { source: 0x300, place: 0x320 };
const CONFIG_ADDRESS = 0xcf8;
const WORD = 8;

/** A PC with a remapping unit that is the model's, under rules of its own. */
export class FakeVtdMachine implements FakeMachine {
  readonly #rules: Rules;
  readonly #hardware: EmulatedVtdHardware;
  readonly #devices: ReadonlyMap<number, FakeEdu>;
  readonly #writtenAt: ReadonlyMap<bigint, (typeof WRITTEN_REGISTERS)[number]>;
  #world: World;
  #selected = 0;

  constructor(platform: Platform, rules: Rules) {
    if (platform.emulatedVtd === undefined) throw new Error('a platform with an emulated remapping unit');
    this.#hardware = platform.emulatedVtd;
    this.#rules = rules;
    this.#world = bootWorld(platform);
    this.#devices = new Map(this.#hardware.sourceIds.map((source) => [source, new FakeEdu()]));
    this.#writtenAt = new Map(
      WRITTEN_REGISTERS.map((name) => [writtenAt(this.#hardware, name).address, name]),
    );
    // What is in memory is for whoever drives it to put there.
    this.#put({ memory: {} });
  }

  get #unit(): EmulatedVtd {
    if (this.#world.emulatedVtd === null) throw new Error('a platform with an emulated remapping unit');
    return this.#world.emulatedVtd;
  }

  #put(changed: Partial<EmulatedVtd>): void {
    this.#world = { ...this.#world, emulatedVtd: { ...this.#unit, ...changed } };
  }

  get isTranslating(): boolean {
    return this.#unit.vtd.enabled;
  }

  reset(): void {
    this.#do(resolveCall({ actor: 'operator', command: 'vtdReset', args: {} }, NO_BINDINGS));
    for (const device of this.#devices.values()) device.reset();
  }

  write(address: bigint, bytes: Uint8Array): void {
    const { ram } = this.#hardware;
    if (ram === undefined || address >= ram.end) return;
    // A word that is written in part keeps its rest.
    const first = address & ~7n;
    const from = Number(address - first);
    const size = Math.ceil((from + bytes.length) / WORD) * WORD;
    const isWhole = from === 0 && size === bytes.length;
    const all = isWhole ? bytes : this.read(first, size);
    if (!isWhole) all.set(bytes, from);
    const begin = Number(first);
    const memory = this.#ownMemory;
    forget(memory, begin, begin + size);
    // What is there anyway is not kept: zeros, and in the devices' pages each word's address.
    const stamped = ram.stamped ?? { first: 0n, end: 0n };
    const [stampedFrom, stampedEnd] = [Number(stamped.first), Number(stamped.end)];
    const view = new DataView(all.buffer, all.byteOffset);
    for (let at = 0; at < size; at += WORD) {
      const place = begin + at;
      const isStamped = place >= stampedFrom && place < stampedEnd;
      const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      if (low === (isStamped ? place : 0) && high === (isStamped ? place + 4 : 0)) continue;
      memory[wordKey(BigInt(place))] = view.getBigUint64(at, true);
    }
  }

  /** Nobody else sees the worlds of this machine, so that their memory can be written in place. */
  get #ownMemory(): Record<string, bigint> {
    return this.#unit.memory as Record<string, bigint>;
  }

  read(address: bigint, size: number): Uint8Array {
    const first = address & ~7n;
    const words = Math.ceil((Number(address - first) + size) / WORD);
    const view = new DataView(new ArrayBuffer(WORD * words));
    for (let at = 0; at < words; at++) {
      const place = first + BigInt(WORD * at);
      view.setBigUint64(WORD * at, guestWord(this.#hardware, this.#unit.memory, place) ?? 0n, true);
    }
    return new Uint8Array(view.buffer, Number(address - first), size).slice();
  }

  store(address: bigint, value: bigint, size: 4 | 8): void {
    const register = this.#writtenAt.get(address);
    if (register !== undefined) {
      this.#do(resolveCall(registerWrite(register, value), NO_BINDINGS));
      return;
    }
    const device = [...this.#devices.values()].find((each) => each.has(Number(address)));
    if (device !== undefined) {
      device.store(Number(address), value);
      return;
    }
    const bytes = new Uint8Array(WORD);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.write(address, bytes.slice(0, size));
  }

  load(address: bigint): bigint {
    const { cap, ecap } = this.#hardware;
    const { gsts, fsts, ics, iqh, ccmd, iotlb, record } = this.#unit.registers;
    const values = new Map<bigint, bigint>([
      ...([
        [registerAt('CAP'), cap],
        [registerAt('ECAP'), ecap],
      ] as const),
      ...([
        [registerAt('GSTS'), BigInt(gsts)],
        [registerAt('FSTS'), BigInt(fsts)],
      ] as const),
      ...([
        [registerAt('ICS'), BigInt(ics)],
        [registerAt('IQH'), iqh],
      ] as const),
      ...([
        [recordAt(this.#hardware), record[0]],
        [recordAt(this.#hardware) + 8n, record[1]],
      ] as const),
      // SID and FM of CCMD are only written.
      [registerAt('CCMD'), ccmd & ~0x3_ffff_0000n],
      [writtenAt(this.#hardware, 'IOTLB').address, iotlb],
    ]);
    return values.get(address) ?? 0n;
  }

  /** To the ports by which a PC's configuration space is had. */
  out(port: number, value: number): void {
    if (port === CONFIG_ADDRESS) {
      this.#selected = value;
      return;
    }
    const place = (this.#selected >> 8) & 0xffff;
    const device = this.#devices.get(place === BEHIND_BRIDGE.place ? BEHIND_BRIDGE.source : place);
    if (device === undefined) return;
    const register = this.#selected & 0xff;
    if (register === 0x10) device.bar = value >>> 0;
    if (register === 0x04) device.enabled = (value & 6) === 6;
  }

  tick(): readonly ('read' | 'write' | 'ends')[] {
    return [...this.#devices].flatMap(([source, device]) => {
      const transfer = device.take();
      return transfer === null ? [] : [this.#transfer(source, device, transfer)];
    });
  }

  #transfer(
    source: number,
    { buffer }: FakeEdu,
    { write, address, count, offset }: Transfer,
  ): 'read' | 'write' | 'ends' {
    const out = this.#do(resolveCall(dma(source, address, write), NO_BINDINGS));
    if (out.ends === 1) return 'ends';
    const reached = out.address as bigint | undefined;
    if (!write) buffer.set(reached === undefined ? new Uint8Array(count) : this.read(reached, count), offset);
    else if (reached !== undefined) this.write(reached, buffer.slice(offset, offset + count));
    return write ? 'write' : 'read';
  }

  #do(command: ReturnType<typeof resolveCall>): Out {
    const { world, result } = step(this.#world, command, this.#rules);
    this.#world = world;
    return result.ok ? result.out : {};
  }
}

/** Leaves no word from `begin` up to `end`. */
function forget(memory: Record<string, bigint>, begin: number, end: number): void {
  const keys = Object.keys(memory);
  if ((end - begin) / WORD < keys.length) {
    for (let at = begin; at < end; at += WORD) delete memory[wordKey(BigInt(at))];
    return;
  }
  for (const key of keys) {
    const at = Number.parseInt(key, 16);
    if (at >= begin && at < end) delete memory[key];
  }
}
