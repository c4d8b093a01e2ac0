import type { EmulatedLine } from '../conformance/emulated/lines.ts';
import type { Line, LineOf } from '../conformance/linux/lines.ts';
import type { OwnLine } from '../conformance/vmm/lines.ts';
import type { BatchEnd } from '../lab/channel.ts';
import type { Platform } from '../model/platform/platform.ts';
import type { CdevPaths } from './plan.ts';
import type { LiveSequence } from './step.ts';

/** What a target says of itself: enough to make sequences for it, and to follow its answers with the model. */
export interface Described {
  readonly platform: Platform;
  /** The machine as a recording describes it. */
  readonly meta: LineOf<'meta'>;
  /** The devices as a recording names them. */
  readonly setups: readonly LineOf<'setup'>[];
  readonly cdevs: CdevPaths;
  /** Devices that can be told to do DMA. */
  readonly dmaDevices: readonly string[];
  /** What it is, in a line: kernel, machine. */
  readonly summary: string;
}

/** What came of a run. */
export interface Ran {
  /** As a recording has it, but for what describes the machine. */
  readonly lines: readonly (Line | OwnLine | EmulatedLine)[];
  /** Which step each line came from. */
  readonly steps: readonly number[];
  readonly end: BatchEnd;
  /** Files that are open on the whole machine after the run; -1: not known. */
  readonly files: number;
  /** The last that a VMM said, where it did not end well. */
  readonly said?: string;
}

/**
 * A system that answers. Runs begin with nothing open and do not see each other; several can be asked for at once, and are
 * carried out one after the other.
 */
export interface Target {
  readonly name: string;
  /** Starts it. @throws TargetLost where it does not. */
  boot(): Promise<Described>;
  /** @throws TargetLost where it stops to answer. */
  run(sequence: LiveSequence): Promise<Ran>;
  /** Starts it again, whatever state it is in. */
  reset(): Promise<void>;
  /** What its kernel has said since this was last asked. */
  console(): Promise<string>;
  stop(): Promise<void>;
}

/** A target that does not answer any more, or not as one does. */
export class TargetLost extends Error {
  override readonly name = 'TargetLost';
}
