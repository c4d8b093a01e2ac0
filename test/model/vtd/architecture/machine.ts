import type { VtdOutcome, VtdRequest } from '../../../../model/vtd/architecture/outcome.ts';
import {
  type VtdArchitectureRules,
  vtdArchitectureIntended,
} from '../../../../model/vtd/architecture/rules.ts';
import { translateVtd } from '../../../../model/vtd/architecture/translate.ts';
import { type VtdUnit, vtdUnitOf } from '../../../../model/vtd/architecture/unit.ts';
import { encode } from '../../../../spec/bits.ts';
import {
  legacyContext,
  type PasidEntry,
  Pgtt,
  pasidDirectoryEntry,
  pasidEntry,
  rootEntry,
  scalableContext,
} from '../../../../spec/vtd/entries.ts';
import { cap, ecap, rootTableAddress } from '../../../../spec/vtd/registers.ts';

/** Where everything lies; RAM ends at `RAM_END`. */
export const ROOT = 0x10_0000n;
export const CONTEXTS = 0x10_1000n;
export const DIRECTORY = 0x10_2000n;
export const PASIDS = 0x10_3000n;
export const TABLES = 0x20_0000n;
export const SECOND_TABLES = 0x30_0000n;
export const RAM_END = 0x1_0000_0000n;
export const SID = 0x18;

export const CAP = { ND: 6, SAGAW: 0b1110, MGAW: 56, SSLPS: 3, FS1GP: 1, FS5LP: 1 } as const;
export const ECAP = {
  DT: 1,
  PT: 1,
  SC: 1,
  NEST: 1,
  PRS: 1,
  SRS: 1,
  ERS: 1,
  EAFS: 1,
  PSS: 19,
  PASID: 1,
  SMTS: 1,
  SSADS: 1,
  SSTS: 1,
  FSTS: 1,
} as const;

export function unit(
  more: {
    readonly cap?: Partial<Record<string, number>>;
    readonly ecap?: Partial<Record<string, number>>;
  } = {},
  hostAddressWidth = 46,
): VtdUnit {
  const [capWord = 0n] = encode(cap, { ...CAP, ...more.cap });
  const [ecapWord = 0n] = encode(ecap, { ...ECAP, ...more.ecap });
  return vtdUnitOf({ cap: capWord, ecap: ecapWord, hostAddressWidth });
}

/** Tables in memory, word by word, and requests through them. */
export class VtdMemory {
  readonly words = new Map<bigint, bigint>();
  rootTable: bigint;
  enabled = true;

  readonly mode: 'legacy' | 'scalable';
  readonly of: VtdUnit;

  constructor(mode: 'legacy' | 'scalable', of: VtdUnit = unit()) {
    this.mode = mode;
    this.of = of;
    const [rtaddr = 0n] = encode(rootTableAddress, { TTM: mode === 'scalable' ? 1 : 0, RTA: ROOT });
    this.rootTable = rtaddr;
    this.put(ROOT, encode(rootEntry, { P: 1, CTP: CONTEXTS }));
    if (mode === 'scalable') {
      this.context({});
      this.put(DIRECTORY, encode(pasidDirectoryEntry, { P: 1, SMPTBLPTR: PASIDS }));
    }
  }

  put(address: bigint, words: readonly bigint[]): this {
    for (const [index, word] of words.entries()) this.words.set(address + BigInt(index * 8), word);
    return this;
  }

  context(fields: Partial<Record<string, number | bigint>>, sid = SID): this {
    const at = CONTEXTS + BigInt((sid & 0x7f) * (this.mode === 'scalable' ? 32 : 16));
    return this.mode === 'scalable'
      ? this.put(at, encode(scalableContext, { P: 1, PASIDDIRPTR: DIRECTORY, ...fields } as never))
      : this.put(
          at,
          encode(legacyContext, { P: 1, SSPTPTR: SECOND_TABLES, AW: 2, DID: 5, ...fields } as never),
        );
  }

  entry(fields: Partial<PasidEntry>, pasid = 0): this {
    return this.put(PASIDS + BigInt(pasid * 64), encode(pasidEntry, { P: 1, DID: 5, AW: 2, ...fields }));
  }

  first(fields: Partial<PasidEntry> = {}, pasid = 0): this {
    return this.entry({ PGTT: Pgtt.First, FSPTPTR: TABLES, ...fields }, pasid);
  }

  second(fields: Partial<PasidEntry> = {}): this {
    return this.entry({ PGTT: Pgtt.Second, SSPTPTR: SECOND_TABLES, ...fields });
  }

  /** Entries from the top down to the one that maps `address`, a page of its own for each table. */
  map(tables: bigint, address: bigint, levels: number, entries: readonly bigint[]): this {
    let table = tables;
    entries.forEach((entry, index) => {
      const level = levels - index;
      const offset = ((address >> BigInt(12 + 9 * (level - 1))) & 0x1ffn) * 8n;
      const last = index === entries.length - 1;
      const next = table + 0x1000n;
      this.words.set(table + offset, last ? entry : next | entry);
      table = next;
    });
    return this;
  }

  read = (address: bigint): bigint | undefined =>
    address + 8n > RAM_END ? undefined : (this.words.get(address) ?? 0n);

  ask(request: Partial<VtdRequest> & { readonly address: bigint }, rules: VtdArchitectureRules): VtdOutcome {
    const registers = { enabled: this.enabled, rootTable: this.rootTable };
    return translateVtd(this.of, registers, { sourceId: SID, write: false, ...request }, this.read, rules);
  }

  /** The outcome in a word: the address, `silent`, `interrupt`, or the fault reason, in brackets if it is not recorded. */
  told(
    request: bigint | (Partial<VtdRequest> & { readonly address: bigint }),
    rules: VtdArchitectureRules = vtdArchitectureIntended,
  ): string {
    const outcome = this.ask(typeof request === 'bigint' ? { address: request } : request, rules);
    switch (outcome.kind) {
      case 'translated':
        return `0x${outcome.address.toString(16)}`;
      case 'fault':
        return outcome.recorded ? `fault ${outcome.reason.toString(16)}` : `[${outcome.reason.toString(16)}]`;
      default:
        return outcome.kind;
    }
  }

  /** The flags that a request sets, as `address:word`. */
  flags(
    request: Partial<VtdRequest> & { readonly address: bigint },
    rules: VtdArchitectureRules = vtdArchitectureIntended,
  ): readonly string[] {
    const outcome = this.ask(request, rules);
    if (!('updates' in outcome)) return [];
    return outcome.updates.map(({ address, value }) => `${address.toString(16)}:${value.toString(16)}`);
  }
}
