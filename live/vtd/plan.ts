import { hexOf } from '../../conformance/emulated/hex-of.ts';
import type { Seen } from '../../conformance/emulated/lines.ts';
import { changedText, recordText } from '../../conformance/emulated/vtd/observe.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { GuestWords } from '../../model/platform/emulated.ts';
import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import { guestWord, withWords } from '../../model/platform/guest-memory.ts';
import type { Step } from '../../model/step.ts';
import type { EmulatedVtd } from '../../model/vtd/emulated/emulated.ts';
import { queueing } from '../../model/vtd/emulated/handle.ts';
import { FAULT } from '../../model/vtd/emulated/registers.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { WrittenRegister } from '../../spec/vtd/register-offsets.ts';
import { VTD_LAYOUT } from '../../workload/scopes/emulated-vtd-memory.ts';
import { registerOf } from '../emulated/answers.ts';
import { readBytes, readl, readq, storeWords, wordsOf, writel, writeq } from '../emulated/operations.ts';
import { planDma } from '../emulated/planned.ts';
import type { Expectation, PlannedDma, PlannedStep } from '../emulated/planned-step.ts';
import { barOf, RAM, recordAt, registerAt, writtenAt } from './places.ts';

const PAGE = 0x1000n;
/** Pages of outputs at which what a device wrote is looked for, beside where it should be. */
const LOOKED_AT = 16;
/** Words of each paging table that are looked at, and of what wait descriptors write. */
export const WATCHED_WORDS = 16;

export const WATCHED: readonly bigint[] = [
  ...VTD_LAYOUT.tops,
  ...[VTD_LAYOUT.level3, VTD_LAYOUT.level2, VTD_LAYOUT.level1, VTD_LAYOUT.status],
];

interface Doing {
  readonly operations: readonly string[];
  readonly dma: PlannedDma | null;
  /** The guest's memory behind what it stores itself. */
  readonly memory: GuestWords;
}

/** A step of the emulated remapping unit as operations. */
export function planVtd(call: Call, before: World, done: Step, word: number): PlannedStep {
  const hardware = before.platform.emulatedVtd;
  const { emulatedVtd } = before;
  if (emulatedVtd === null || hardware === undefined)
    throw new Error('a platform with an emulated remapping unit');
  const command = resolveCall(call, NO_BINDINGS);
  const { operations, dma, memory } = doing(hardware, emulatedVtd, command, done, word);
  const looks: Look[] = [
    ...registerLooks(hardware),
    ...readBack(hardware, command),
    ...(command.command === 'vtdStore' ? [] : [memoryLook(hardware, memory, done.world.emulatedVtd?.memory)]),
  ];
  return {
    call,
    doing: dma === null ? operations : [],
    expects: (seen) => expectationsOf(hardware, seen),
    operations: [...operations, ...looks.flatMap((look) => look.operations)],
    resets: command.command === 'vtdReset',
    dma,
    seen(answers) {
      let at = operations.length;
      const seen: Seen[] = [];
      for (const { operations: own, seen: read } of looks) {
        seen.push(read(answers.slice(at, at + own.length)));
        at += own.length;
      }
      return Object.assign({ ends: 'no' }, ...seen) as Seen;
    },
  };
}

/** Registers that hold what was seen; of a fault record that is not there, F alone is known. */
function expectationsOf(hardware: EmulatedVtdHardware, seen: Seen): readonly Expectation[] {
  const low = recordAt(hardware);
  const registers = (['GSTS', 'FSTS', 'ICS'] as const).flatMap((name) => asRead(name, 'readl', seen[name]));
  const commands = (['CCMD', 'IOTLB'] as const).flatMap((name): readonly Expectation[] => {
    const value = seen[name];
    if (value === undefined) return [];
    const { address } = writtenAt(hardware, name);
    return [{ what: name, is: 'readq', address, value: BigInt(value) }];
  });
  return [...registers, ...asRead('IQH', 'readq', seen.IQH), ...recordIs(low, seen.record), ...commands];
}

function asRead(
  name: 'GSTS' | 'FSTS' | 'ICS' | 'IQH',
  is: Expectation['is'],
  value: string | undefined,
): readonly Expectation[] {
  return value === undefined ? [] : [{ what: name, is, address: registerAt(name), value: BigInt(value) }];
}

function recordIs(low: bigint, record: string | undefined): readonly Expectation[] {
  if (record === undefined) return [];
  const high = low + 8n;
  if (record === 'none') return [{ what: 'FRCD.F', is: 'readq', address: high, mask: FAULT, value: 0n }];
  return record.split(' ').map((word, at) => ({
    what: `${at === 0 ? 'low' : 'high'} half of FRCD`,
    ...{ is: 'readq', address: at === 0 ? low : high, value: BigInt(word) },
  }));
}

/** Something that is looked at behind a step. */
interface Look {
  readonly operations: readonly string[];
  seen(answers: readonly (string | null)[]): Seen;
}

function registerLooks(hardware: EmulatedVtdHardware): readonly Look[] {
  const record = recordAt(hardware);
  return [
    {
      operations: [
        ...[readl(registerAt('GSTS')), readl(registerAt('FSTS')), readl(registerAt('ICS'))],
        ...[readq(registerAt('IQH')), readq(record), readq(record + 8n)],
      ],
      seen([gsts, fsts, ics, iqh, low, high]) {
        return {
          ...{ ends: 'no', GSTS: registerOf(gsts), FSTS: registerOf(fsts), ICS: registerOf(ics) },
          IQH: registerOf(iqh),
          record: recordText({ record: [BigInt(low ?? '0x0'), BigInt(high ?? '0x0')] }),
        };
      },
    },
  ];
}

/** Of commands in registers it is read what became of them. */
function readBack(hardware: EmulatedVtdHardware, command: Command): readonly Look[] {
  if (command.command !== 'vtdWrite') return [];
  const { register } = command.args;
  if (register !== 'CCMD' && register !== 'IOTLB') return [];
  const { address } = writtenAt(hardware, register);
  return [
    {
      operations: [readq(address)],
      seen: ([answer]) => ({ ends: 'no', [register]: hexOf(BigInt(answer ?? '0x0')) }),
    },
  ];
}

/** Words of memory that differ from what the guest has there: those that the machine may change, and those that it should. */
function memoryLook(hardware: EmulatedVtdHardware, memory: GuestWords, expected: GuestWords = memory): Look {
  const watched = WATCHED.flatMap((first) =>
    Array.from({ length: WATCHED_WORDS }, (_, at) => first + BigInt(8 * at)),
  );
  const others =
    expected === memory
      ? []
      : Object.keys(expected).flatMap((key) => {
          const address = BigInt(`0x${key}`);
          return expected[key] === memory[key] || watched.includes(address) ? [] : [address];
        });
  return {
    operations: [
      ...WATCHED.map((first) => readBytes(first, 8 * WATCHED_WORDS)),
      ...others.map((address) => readBytes(address, 8)),
    ],
    seen(answers) {
      const words = answers.flatMap((answer) => wordsOf(answer, 8));
      const changed = new Map<bigint, bigint>();
      for (const [at, address] of [...watched, ...others].entries()) {
        const word = words[at] ?? 0n;
        if (word !== guestWord(hardware, memory, address)) changed.set(address, word);
      }
      return { ends: 'no', changed: changedText(changed) };
    },
  };
}

function doing(
  hardware: EmulatedVtdHardware,
  state: EmulatedVtd,
  command: Command,
  done: Step,
  word: number,
): Doing {
  const { memory } = state;
  switch (command.command) {
    case 'vtdStore': {
      const { address, words } = command.args;
      return { operations: [storeWords(address, words ?? [])], dma: null, memory };
    }
    case 'vtdWrite': {
      const { address, bytes } = writtenAt(hardware, command.args.register as WrittenRegister);
      const { value } = command.args;
      const operation = bytes === 4 ? writel(address, Number(value & 0xffff_ffffn)) : writeq(address, value);
      return { operations: [operation], dma: null, memory };
    }
    case 'vtdDescriptors': {
      const { stores, tail } = queueing(state, command.args.words ?? []);
      return {
        operations: [
          ...stores.map(({ address, words }) => storeWords(address, words)),
          writeq(registerAt('IQT'), tail),
        ],
        dma: null,
        memory: stores.reduce((before, { address, words }) => withWords(before, address, words), memory),
      };
    }
    case 'vtdDma': {
      const { source: device, iova, write } = command.args;
      const around = { places: placesOf(iova), hardware, memory: done.world.emulatedVtd?.memory ?? memory };
      return { ...planDma({ barOf, ram: RAM }, { device, iova, write }, done, word, around), memory };
    }
    default:
      return { operations: [], dma: null, memory };
  }
}

/** Where a write may have gone beside where it should: to the same place in any page that outputs lead to, or past the unit. */
function placesOf(iova: bigint): readonly bigint[] {
  const offset = iova & (PAGE - 1n);
  const outputs = Array.from(
    { length: LOOKED_AT },
    (_, at) => VTD_LAYOUT.outputs + BigInt(at) * PAGE + offset,
  );
  return [...outputs, VTD_LAYOUT.largeOutput + (iova & 0x1f_ffffn), iova];
}
