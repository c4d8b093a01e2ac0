import { below, INTERRUPT_FIRST, INTERRUPT_LAST, isInterrupt } from './address.ts';
import type { VtdCondition } from './condition.ts';
import type { VtdArchitectureRules } from './rules.ts';

/** The page that a stage has found for an address: 2^shift bytes, and what may be done there. */
export interface VtdLeaf {
  readonly kind: 'leaf';
  readonly output: bigint;
  readonly shift: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** A stage refuses an address. */
export interface Refused {
  readonly kind: 'refused';
  readonly condition: VtdCondition;
}

export function refused(condition: VtdCondition): Refused {
  return { kind: 'refused', condition };
}

export function addressIn({ output, shift }: VtdLeaf, address: bigint): bigint {
  return output | (address & below(shift));
}

/** LGN.4, SGN.8: nothing may be translated to the addresses of messages. */
export function isRefusedOutput(leaf: VtdLeaf, address: bigint, rules: VtdArchitectureRules): boolean {
  if (rules.interruptRangeIsExact) return isInterrupt(addressIn(leaf, address));
  return leaf.output <= INTERRUPT_LAST && leaf.output + below(leaf.shift) >= INTERRUPT_FIRST;
}

const ALL_ONES = (1n << 64n) - 1n;

/** A paging entry, or undefined if it cannot be fetched. */
export function fetchEntry(
  address: bigint,
  read: (address: bigint) => bigint | undefined,
  rules: VtdArchitectureRules,
): bigint | undefined {
  const entry = read(address);
  return entry === ALL_ONES && !rules.allOnesIsAnEntry ? undefined : entry;
}
