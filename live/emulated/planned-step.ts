import type { Seen } from '../../conformance/emulated/lines.ts';
import type { Call } from '../../model/call.ts';

/** Answers to the operations of a step, in order; null: refused. */
export type StepAnswers = readonly (string | null)[];

/** A DMA of a step's, and where its traces are looked for. */
export interface PlannedDma {
  readonly device: number;
  readonly write: boolean;
  /** Which word of the device's buffer it reads or writes. */
  readonly word: number;
  /** Of a write: whether it should reach memory where it is looked for. */
  readonly expected: boolean;
  /** Of a write: addresses that are looked at, at which operation each, and what is there before. */
  readonly looked: readonly {
    readonly address: bigint;
    readonly operation: number;
    readonly before: number;
  }[];
}

/** Something that a register, or a word of memory, holds behind a step. */
export interface Expectation {
  /** As a message names it. */
  readonly what: string;
  /** `word`: 64 bits of memory. */
  readonly is: 'readl' | 'readq' | 'word';
  readonly address: bigint;
  /** Bits that count; left out: all. */
  readonly mask?: bigint;
  readonly value: bigint;
}

/** One step as what is done, and how what is seen is read from the answers. */
export interface PlannedStep {
  readonly call: Call;
  /** Of qtest. */
  readonly operations: readonly string[];
  /** Whether the machine is reset before them. */
  readonly resets: boolean;
  readonly dma: PlannedDma | null;
  /** What was seen of the machine, but for the DMA. */
  seen(answers: StepAnswers): Seen;
  /** The operations that are the step itself, in front of those that look; of a DMA none. */
  readonly doing: readonly string[];
  /** The other way round: what is to be there so that this is seen. Words that the machine changes have a list of their own. */
  expects(seen: Seen): readonly Expectation[];
}
