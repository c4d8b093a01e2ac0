import type { QtestProcess } from '../../lab/qtest/process.ts';
import type { Call } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import type { Range } from './operations.ts';
import type { Expectation, PlannedStep } from './planned-step.ts';

/** How sequences are made for a machine. */
export interface Moves {
  /** What a guest, a device or the operator does next. */
  next(world: World, draw: Draw): Call;
  /** Whether the machine can be told to do it, whatever comes before. */
  isOfMachine(call: Call): boolean;
  /** Whether it can stand between two others; undefined: at an end of a sequence. */
  fits?(call: Call, before: Call | undefined, behind: Call | undefined): boolean;
  /** Whether nothing of a step stays in memory that the next run would find. */
  isContained?(before: World, after: Step): boolean;
  /** The command by which a device does DMA. */
  readonly dma: Call['command'];
}

/** A machine that QEMU makes, and how it is driven over qtest. */
export interface QtestMachine {
  /** QEMU's name. */
  readonly program: 'qemu-system-aarch64' | 'qemu-system-x86_64';
  /** QEMU's command line, but for its control sockets. */
  readonly words: readonly string[];
  readonly ram: Range;
  /** Pages for devices, each word of which tells where it is. */
  readonly stamped: Range;
  /** What a guest may store into, its tables: empty but for the boot's when a run begins. */
  readonly tables: Range;
  /** Where the machine changes words of the tables by itself: 16 words from each of these on. */
  readonly watched: readonly bigint[];
  /** Pages for what devices' buffers are filled from and emptied to: no pointer leads there by one bit. */
  readonly pattern: bigint;
  readonly scratch: bigint;
  /** After a reset: registers of devices, so that they do DMA. */
  readonly wake: readonly string[];
  /** Once a run, behind `wake`, and again behind each reset within it. */
  readonly begin: readonly string[];
  /** Once a run: what a reset leaves of the run before. */
  readonly forget: readonly string[];
  /** The registers of the `edu` that a step's call names. */
  barOf(device: number): bigint;
  /** What a program that answers is. @throws AgentError where there is no such thing. */
  describe(qemu: QtestProcess): Promise<{ readonly platform: Platform; readonly summary: string }>;
  /** What the IOMMU of a platform says of itself, and where. */
  identity(platform: Platform): readonly Expectation[];
  /** One step as operations. `word`: the word of a device's buffer that a DMA has to itself. */
  plan(call: Call, before: World, done: Step, word: number): PlannedStep;
  readonly moves: Moves;
}
