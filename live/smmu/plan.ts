import { hexOf } from '../../conformance/emulated/hex-of.ts';
import type { Seen } from '../../conformance/emulated/lines.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Emulated } from '../../model/smmu/emulated/emulated.ts';
import { following, type QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import type { Step } from '../../model/step.ts';
import type { Command, CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import { registerOf } from '../emulated/answers.ts';
import { readBytes, readl, storeWords, wordsOf, writel, writeq } from '../emulated/operations.ts';
import { planDma } from '../emulated/planned.ts';
import type { Expectation, PlannedDma, PlannedStep } from '../emulated/planned-step.ts';
import {
  barOf,
  COMMAND_BYTES,
  COMMAND_QUEUE,
  EVENT_BYTES,
  EVENT_QUEUE,
  LAYOUT,
  RAM,
  registerAt,
} from './places.ts';

const QUEUE_MASK = 2 ** 19 - 1;
const REGISTERS = ['GERROR', 'CMDQ_CONS', 'EVENTQ_PROD'] as const;
const CMDQ_ERR = 1;

/** Pages of outputs at which what a device wrote is looked for, beside where it should be. */
const LOOKED_AT = { pages: 16, outputs: 8 } as const;
const PAGE = 0x1000n;

/** Of EVENTQ_PROD: without the flag of an overflow. */
const INDEX = 0xf_ffff;

/** A step of the emulated SMMUv3 as operations. */
export function planSmmu(call: Call, before: World, done: Step, word: number): PlannedStep {
  const { emulated, platform } = before;
  if (emulated === null || platform.emulated === undefined)
    throw new Error('a platform with an emulated SMMUv3');
  const command = resolveCall(call, NO_BINDINGS);
  const { operations, dma } = doing(platform.emulated, emulated, command, done, word);
  const { prod: next } = emulated.smmu.eventQueue;
  const slot = slotOf(EVENT_QUEUE, next, EVENT_BYTES);
  const record = dma === null ? [] : [readBytes(slot, Number(EVENT_BYTES))];
  const at = operations.length;
  return {
    call,
    doing: dma === null ? operations : [],
    expects: (seen) => [
      ...REGISTERS.flatMap((name) => registerIs(name, seen[name])),
      ...(seen.event === undefined || seen.event === 'none' ? [] : eventIs(slot, seen.event)),
    ],
    operations: [...operations, ...REGISTERS.map((name) => readl(registerAt(name))), ...record],
    resets: command.command === 'emulatedReset' && command.args.ends,
    dma,
    seen(answers) {
      const [GERROR = '', CMDQ_CONS = '', EVENTQ_PROD = ''] = answers.slice(at, at + 3).map(registerOf);
      const registers: Seen = { ends: 'no', GERROR, CMDQ_CONS, EVENTQ_PROD };
      if (dma === null) return registers;
      const isNew = (Number(EVENTQ_PROD) & INDEX) !== next;
      const event = isNew
        ? wordsOf(answers[at + 3] ?? null, 8)
            .map(hexOf)
            .join(' ')
        : 'none';
      return { ...registers, event };
    },
  };
}

function registerIs(name: (typeof REGISTERS)[number], value: string | undefined): readonly Expectation[] {
  if (value === undefined) return [];
  return [{ what: name, is: 'readl', address: registerAt(name), value: BigInt(value) }];
}

function eventIs(slot: bigint, event: string): readonly Expectation[] {
  return event.split(' ').map((word, at) => ({
    what: `doubleword ${at} of the event`,
    ...{ is: 'word', address: slot + BigInt(8 * at), value: BigInt(word) },
  }));
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
    case 'emulatedDma': {
      const { stream: device, iova, write } = command.args;
      const around = { places: placesOf(iova), hardware, memory: emulated.memory };
      return planDma({ barOf, ram: RAM }, { device, iova, write }, done, word, around);
    }
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

/** Where a write may have gone beside where it should: to the same place in any page that outputs lead to. */
function placesOf(iova: bigint): readonly bigint[] {
  const offset = iova & (PAGE - 1n);
  const pagesFrom = (first: bigint, count: number) =>
    Array.from({ length: count }, (_, at) => first + BigInt(at) * PAGE + offset);
  return [...pagesFrom(LAYOUT.pages, LOOKED_AT.pages), ...pagesFrom(LAYOUT.outputs, LOOKED_AT.outputs)];
}
