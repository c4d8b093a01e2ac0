import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { GuestWords } from '../../model/platform/emulated.ts';
import { type GuestMemory, guestHalf } from '../../model/platform/guest-memory.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { QtestMachine } from './machine.ts';
import { EDU, markerOf, readBytes, transfer, wordsOf, writel } from './operations.ts';
import type { PlannedDma, PlannedStep, StepAnswers } from './planned-step.ts';

/** DMAs that a run may have: each has a word of its own in a device's buffer. */
export const MOST_DMAS = EDU.bufferBytes / 4;

/**
 * Steps as operations. `rules` are those by which the machine is thought to answer: by them it is known where the next slot of a
 * queue is. Ends where the emulator is thought to.
 */
export function planSteps(
  machine: QtestMachine,
  platform: Platform,
  rules: Rules,
  calls: readonly Call[],
): readonly PlannedStep[] {
  let world = bootWorld(platform);
  const planned: PlannedStep[] = [];
  let word = 0;
  for (const call of calls) {
    const done = step(world, resolveCall(call, NO_BINDINGS), rules);
    planned.push(machine.plan(call, world, done, word));
    if (call.command === machine.moves.dma) word++;
    world = done.world;
    if (isEnd(done)) break;
  }
  return planned;
}

/** Whether the emulator ends at a step. */
export function isEnd({ result }: Step): boolean {
  return result.ok && result.out.ends === 1;
}

/** What a DMA is, as its command says. */
export interface Access {
  readonly device: number;
  readonly iova: bigint;
  readonly write: boolean;
}

/** A device moves four bytes, which are looked for where they should be and at the other `places`, if it wrote them. */
export function planDma(
  { barOf, ram }: Pick<QtestMachine, 'barOf' | 'ram'>,
  { device, iova, write }: Access,
  { result }: Step,
  word: number,
  {
    places,
    hardware,
    memory,
  }: {
    readonly places: readonly bigint[];
    readonly hardware: GuestMemory;
    readonly memory: GuestWords;
  },
): Pick<PlannedStep, 'operations'> & { readonly dma: PlannedDma } {
  const moves = transfer(barOf(device), write ? 'to-memory' : 'from-memory', iova, 4 * word, 4);
  if (!write) return { operations: moves, dma: { device, write, word, expected: false, looked: [] } };
  const expected = result.ok ? (result.out.address as bigint | undefined) : undefined;
  const all = [...new Set(expected === undefined ? places : [expected, ...places])];
  const within = all.filter((address) => address >= ram.first && address < ram.end);
  const looked = within.map((address, at) => ({
    address,
    operation: moves.length + at,
    before: guestHalf(hardware, memory, address) ?? 0,
  }));
  return {
    operations: [
      ...moves,
      ...looked.map(({ address }) => readBytes(address, 4)),
      // What a device wrote is no input: everything is as it was.
      ...looked.map(({ address, before }) => writel(address, before)),
    ],
    dma: { device, write, word, expected: expected !== undefined && within[0] === expected, looked },
  };
}

/** Where what a device wrote was found. */
export function foundAt(answers: StepAnswers, { looked, word }: PlannedDma): readonly bigint[] {
  const marker = BigInt(markerOf(word));
  return looked.flatMap(({ address, operation }) =>
    wordsOf(answers[operation] ?? null, 4)[0] === marker ? [address] : [],
  );
}
