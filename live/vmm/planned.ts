import type { OwnLine } from '../../conformance/vmm/lines.ts';

/** What is to be seen of the machine: an observation of a recording, and how it is read from what the VMM answered. */
export type Seen =
  /** A register of a vSMMU. */
  | { readonly kind: 'read'; readonly reg: string; readonly smmu: string }
  /** A record in the event queue of a vSMMU. */
  | { readonly kind: 'event'; readonly vsmmu: number; readonly index: number }
  /** Which of these addresses no longer holds what was stored there before a device wrote. */
  | {
      readonly kind: 'landed';
      readonly iova: bigint;
      readonly places: readonly bigint[];
      readonly marker: string;
    }
  /** The answer to a command of the operator's. */
  | { readonly kind: 'reply' };

/** One thing that is done to the machine, or seen of it. */
export interface Planned {
  /** The driver's operations (lab/vmm/PROTOCOL.md). */
  readonly operations: readonly string[];
  /** The line of a recording that stands before what follows from it; null: nothing is done. */
  readonly input: OwnLine | null;
  /** What is read, by the answers to these operations; null: nothing. */
  readonly sees: Seen | null;
}

const COMMON = { seq: 0, section: 'live' } as const;

/** A line of a recording. */
export function lineOf<L extends Omit<OwnLine, 'seq' | 'section'>>(line: L): typeof COMMON & L {
  return { ...COMMON, ...line };
}

export const hexOf = (value: bigint | number): string => `0x${value.toString(16)}`;
