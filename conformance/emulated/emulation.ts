import type { Call } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Override, Rules } from '../../model/rules.ts';
import type { Step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { Seen } from './lines.ts';

/** An emulated IOMMU, as far as following one has to know what it is. */
export interface Emulation {
  /** What reports call it. */
  readonly name: string;
  /** What QEMU's is known to do otherwise than its architecture says. */
  readonly known: readonly Override[];
  /** What is to be seen behind a step of the model; what no observer can tell is left out. */
  seenOf(before: World, command: Command, after: Step): Seen;
  /** What a step is, as reports name it. */
  stepName(call: Call): string;
  /** What a step came to, for coverage: a name, and its answer in one word. */
  outcomeOf(call: Call, seen: Seen): string;
  /** What one observation has at a key that the other has otherwise, in words that are equal for differences of one kind. */
  inWords(key: keyof Seen, seen: Seen, other: Seen): string;
  /** Of keys in which two differ, those that need not be told beside the others. */
  implied(keys: readonly (keyof Seen)[]): readonly (keyof Seen)[];
  /** What the architecture leaves open, from a machine's boot on; null: nothing. */
  open(platform: Platform): Open | null;
}

/** What an architecture permits beside the one thing that a model does, as with caches that may hold more or less. */
export interface Open {
  /** Whether steps of this kind may come to more than one thing under `rules`. */
  covers(command: Command, rules: Rules): boolean;
  /** Whether what was seen of a step, which began in `before`, is permitted. */
  permits(before: World, command: Command, seen: Seen, rules: Rules): boolean;
  /** A step was taken. */
  went(before: World, command: Command, after: Step): void;
}
