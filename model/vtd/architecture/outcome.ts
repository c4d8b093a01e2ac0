import type { ReadMemory64 } from '../../smmu/architecture/access.ts';
import type { VtdCondition } from './condition.ts';

export type { ReadMemory64 } from '../../smmu/architecture/access.ts';

/** One DMA request as it reaches the unit. */
export interface VtdRequest {
  /** Bus in the upper eight bits, device and function in the lower. */
  readonly sourceId: number;
  readonly address: bigint;
  readonly write: boolean;
  /** Undefined: the request carries no PASID. */
  readonly pasid?: number;
  /** The PASID prefix asks for supervisor privilege. */
  readonly privileged?: boolean;
  /** The device has translated the address itself (AT = translated). */
  readonly translated?: boolean;
}

/** A word of a table that a unit writes: accessed and dirty flags. */
export interface FlagUpdate {
  readonly address: bigint;
  readonly value: bigint;
}

/** What becomes of a request. */
export type VtdOutcome =
  | {
      readonly kind: 'translated';
      readonly address: bigint;
      readonly updates: readonly FlagUpdate[];
    }
  | {
      readonly kind: 'fault';
      readonly reason: number;
      /** False: FPD keeps it from being recorded. */
      readonly recorded: boolean;
      readonly updates: readonly FlagUpdate[];
      /** Flags of entries that the walk has passed: a unit may have written them or not. */
      readonly permitted: readonly FlagUpdate[];
    }
  /** A write to the interrupt range: a message, not memory. */
  | { readonly kind: 'interrupt' }
  /** Refused without a record. */
  | { readonly kind: 'silent' }
  /** The emulator ends, as at an assertion. */
  | { readonly kind: 'ends' };

/** Why a lookup or a walk ended. */
export interface VtdFault {
  readonly kind: 'fault';
  readonly condition: VtdCondition;
  /** FPD is set in an entry that counts for it. */
  readonly disabled: boolean;
}

export function vtdFault(condition: VtdCondition, disabled: boolean): VtdFault {
  return { kind: 'fault', condition, disabled };
}

/** Memory as one translation sees and changes it. */
export class WalkMemory {
  readonly #read: ReadMemory64;
  readonly #written = new Map<bigint, bigint>();

  constructor(read: ReadMemory64) {
    this.#read = read;
  }

  read(address: bigint): bigint | undefined {
    return this.#written.get(address) ?? this.#read(address);
  }

  /** `words` 64-bit words from an address; undefined if nothing answers for one of them. */
  readAll(address: bigint, words: number): readonly bigint[] | undefined {
    const all: bigint[] = [];
    for (let index = 0; index < words; index++) {
      const word = this.read(address + BigInt(index * 8));
      if (word === undefined) return undefined;
      all.push(word);
    }
    return all;
  }

  write(address: bigint, value: bigint): void {
    this.#written.set(address, value);
  }

  get updates(): readonly FlagUpdate[] {
    return [...this.#written].map(([address, value]) => ({ address, value }));
  }
}
