import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { EmulatedHardware, GuestWords } from '../../model/platform/emulated.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { Emulated } from '../../model/smmu/emulated/emulated.ts';
import { guestHalf } from '../../model/smmu/emulated/memory.ts';
import { following, type QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import { type Step, step } from '../../model/step.ts';
import type { Command, CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import {
  COMMAND_BYTES,
  COMMAND_QUEUE,
  EDU,
  EVENT_BYTES,
  EVENT_QUEUE,
  LAYOUT,
  RAM,
  registerAt,
} from './machine.ts';
import { readBytes, readl, storeWords, transfer, writel, writeq } from './operations.ts';

/** A DMA of a step's, and where its traces are looked for. */
export interface PlannedDma {
  readonly stream: number;
  readonly write: boolean;
  /** Which word of the device's buffer it reads or writes. */
  readonly word: number;
  /** Of a write: whether it should reach memory. */
  readonly expected: boolean;
  /** Of a write: addresses that are looked at, and at which operation each. */
  readonly looked: readonly { readonly address: bigint; readonly operation: number }[];
}

/** One step as what is done, and which operations tell what is seen. */
export interface PlannedStep {
  readonly call: Call;
  /** Of qtest. */
  readonly operations: readonly string[];
  /** Whether the machine is reset before them. */
  readonly resets: boolean;
  /** Operations that read GERROR, CMDQ_CONS, EVENTQ_PROD, and the next record of the event queue. */
  readonly registers: readonly [number, number, number];
  readonly record: number | null;
  /** The index of that record. */
  readonly next: number;
  readonly dma: PlannedDma | null;
}

const QUEUE_MASK = 2 ** 19 - 1;
const REGISTERS = ['GERROR', 'CMDQ_CONS', 'EVENTQ_PROD'] as const;
const CMDQ_ERR = 1;

/** Pages of outputs at which what a device wrote is looked for, beside where it should be. */
const LOOKED_AT = { pages: 16, outputs: 8 } as const;
const PAGE = 0x1000n;

/**
 * Steps as operations. `rules` are those by which the machine is thought to answer: by them it is known where the next slot of a
 * queue is. Ends where the emulator is thought to.
 */
export function planSteps(platform: Platform, rules: Rules, calls: readonly Call[]): readonly PlannedStep[] {
  let world = bootWorld(platform);
  const planned: PlannedStep[] = [];
  let word = 0;
  for (const call of calls) {
    const command = resolveCall(call, NO_BINDINGS);
    const done = step(world, command, rules);
    planned.push(planOne(call, command, world, done, word));
    if (command.command === 'emulatedDma') word++;
    world = done.world;
    if (done.result.ok && done.result.out.ends === 1) break;
  }
  return planned;
}

/** DMAs that a run may have: each has a word of its own in a device's buffer. */
export const MOST_DMAS = EDU.bufferBytes / 4;

function planOne(call: Call, command: Command, before: World, done: Step, word: number): PlannedStep {
  const { emulated, platform } = before;
  if (emulated === null || platform.emulated === undefined)
    throw new Error('a platform with an emulated SMMUv3');
  const { operations, dma } = doing(platform.emulated, emulated, command, done, word);
  const { prod } = emulated.smmu.eventQueue;
  const record = dma === null ? [] : [readBytes(slotOf(EVENT_QUEUE, prod, EVENT_BYTES), Number(EVENT_BYTES))];
  const at = operations.length;
  return {
    call,
    operations: [...operations, ...REGISTERS.map((name) => readl(registerAt(name))), ...record],
    resets: command.command === 'emulatedReset' && command.args.ends,
    registers: [at, at + 1, at + 2],
    record: dma === null ? null : at + 3,
    next: prod,
    dma,
  };
}

interface Doing {
  readonly operations: readonly string[];
  readonly dma: PlannedDma | null;
}

const slotOf = (queue: bigint, index: number, bytes: bigint): bigint =>
  queue + BigInt(index & QUEUE_MASK) * bytes;

function doing(
  hardware: EmulatedHardware,
  emulated: Emulated,
  command: Command,
  done: Step,
  word: number,
): Doing {
  const { smmu } = emulated;
  const only = (...operations: readonly string[]): Doing => ({ operations, dma: null });
  switch (command.command) {
    case 'emulatedStore':
      return only(storeWords(command.args.address, command.args.words ?? []));
    case 'emulatedCr0':
      return only(writel(registerAt('CR0'), command.args.value));
    case 'emulatedGbpa':
      return only(writel(registerAt('GBPA'), command.args.value));
    case 'emulatedStreamTable':
      return only(
        writeq(registerAt('STRTAB_BASE'), command.args.base),
        writel(registerAt('STRTAB_BASE_CFG'), command.args.config),
      );
    case 'emulatedCommands':
      return only(...queueing(smmu, command.args));
    case 'emulatedAcknowledge':
      return only(...acknowledging(smmu));
    case 'emulatedEvents':
      return only(writel(registerAt('EVENTQ_CONS'), smmu.eventQueue.prod));
    case 'emulatedDma':
      return dmaOf(hardware, emulated.memory, command.args, done, word);
    default:
      return only();
  }
}

/** Commands into the slots behind those that wait. */
function queueing({ commandQueue, waiting }: QemuSmmu, { words }: CommandArgs['emulatedCommands']): string[] {
  let prod = commandQueue.cons;
  const { log2Size } = commandQueue;
  for (const _ of waiting) prod = following(prod, log2Size);
  const operations: string[] = [];
  const given = words ?? [];
  for (let at = 0; at + 1 < given.length; at += 2) {
    operations.push(storeWords(slotOf(COMMAND_QUEUE, prod, COMMAND_BYTES), given.slice(at, at + 2)));
    prod = following(prod, log2Size);
  }
  return [...operations, writel(registerAt('CMDQ_PROD'), prod)];
}

function acknowledging({ gerror, gerrorn, commandQueue, waiting }: QemuSmmu): string[] {
  if (((gerror ^ gerrorn) & CMDQ_ERR) === 0) return [];
  const slot = slotOf(COMMAND_QUEUE, commandQueue.cons, COMMAND_BYTES);
  const sync = waiting.length === 0 ? [] : [storeWords(slot, encodeCommand('SYNC'))];
  return [...sync, writel(registerAt('GERRORN'), gerrorn ^ CMDQ_ERR)];
}

function dmaOf(
  hardware: EmulatedHardware,
  memory: GuestWords,
  { stream, iova, write }: CommandArgs['emulatedDma'],
  { result }: Step,
  word: number,
): Doing {
  const moves = transfer(stream, write ? 'to-memory' : 'from-memory', iova, 4 * word, 4);
  if (!write) return { operations: moves, dma: { stream, write, word, expected: false, looked: [] } };
  const expected = result.ok ? (result.out.address as bigint | undefined) : undefined;
  const places = placesOf(iova, expected);
  const looked = places.map((address, at) => ({ address, operation: moves.length + at }));
  return {
    operations: [
      ...moves,
      ...places.map((address) => readBytes(address, 4)),
      // What a device wrote is no input: everything is as it was.
      ...places.map((address) => writel(address, guestHalf(hardware, memory, address) ?? 0)),
    ],
    dma: { stream, write, word, expected: expected !== undefined && places[0] === expected, looked },
  };
}

/** Where a write may have gone: to where it should, and to the same place in any page that outputs lead to. */
function placesOf(iova: bigint, expected: bigint | undefined): readonly bigint[] {
  const offset = iova & (PAGE - 1n);
  const pagesFrom = (first: bigint, count: number) =>
    Array.from({ length: count }, (_, at) => first + BigInt(at) * PAGE + offset);
  const all = [
    ...(expected === undefined ? [] : [expected]),
    ...pagesFrom(LAYOUT.pages, LOOKED_AT.pages),
    ...pagesFrom(LAYOUT.outputs, LOOKED_AT.outputs),
  ];
  return [...new Set(all)].filter((address) => address >= RAM.first && address < RAM.end);
}
