import type { Words } from '../../model/world/command.ts';
import { encode } from '../../spec/bits.ts';
import { cd } from '../../spec/smmuv3/cd.ts';
import { AddressSize, SteConfig } from '../../spec/smmuv3/ste.ts';
import { vste } from '../../workload/generator/vste.ts';

/*
 * Where the guest keeps what its vSMMUs read: each its tables and queues, and pages that both reach. The lowest memory is left
 * alone: QEMU puts the device tree there, at every reset again.
 */

export const RAM = 0x4000_0000n;
export const RAM_BYTES = 512n << 20n;

export function isRam(address: bigint): boolean {
  return address >= RAM && address < RAM + RAM_BYTES;
}

const FIRST = 0x5000_0000n;
const STEP = 0x40_0000n;

/** Entries of the first stream table, as a logarithm: all StreamIDs of sixteen buses. */
export const STREAMS_LOG2 = 12;

/** What a vSMMU has of the guest's memory. */
export interface Layout {
  /** Two places for stream tables. */
  readonly tables: readonly [bigint, bigint];
  /** Arrays of entries for tables of two levels. */
  readonly arrays: bigint;
  readonly commands: bigint;
  readonly events: bigint;
  /** Two context descriptors, each with tables of its own. */
  readonly contexts: readonly [bigint, bigint];
}

export const COMMANDS_LOG2 = 4n;
export const EVENTS_LOG2 = 3n;

export function layoutOf(vsmmu: number): Layout {
  const base = FIRST + BigInt(vsmmu) * STEP;
  return {
    tables: [base, base + 0x4_0000n],
    arrays: base + 0x8_0000n,
    commands: base + 0x18_0000n,
    events: base + 0x19_0000n,
    contexts: [base + 0x20_0000n, base + 0x20_0040n],
  };
}

/** What both tables of each vSMMU map, each to a page of its own; and what none maps. */
export const IOVA = { mapped: 0x5100_0000n, unmapped: 0x5100_5000n } as const;

/** The page that a context maps `IOVA.mapped` to. */
export const PAGES: readonly [bigint, bigint] = [0x5100_1000n, 0x5100_2000n];

/** ASIDs of the two contexts; those of different vSMMUs are equal, as those of different machines are. */
export const ASIDS: readonly [number, number] = [1, 2];

const TABLE = 0b11n;
/** A page: AF, inner shareable, read and write by unprivileged accesses. */
const LEAF = 0x743n;
const TABLES_AT = 0x1_0000n;

export interface Store {
  readonly address: bigint;
  readonly words: Words;
}

/** The context descriptor of a context, as a guest's driver writes it. */
export function contextWords(vsmmu: number, context: number, asid: number): Words {
  const TTB0 = tableOf(vsmmu, context);
  const fields = { T0SZ: 16, EPD1: 1, V: 1, IPS: AddressSize.Bits44, AA64: 1, R: 1, A: 1 };
  return encode(cd, { ...fields, ASID: asid, TTB0, MAIR: 0xffn });
}

function tableOf(vsmmu: number, context: number): bigint {
  return layoutOf(vsmmu).contexts[0] + TABLES_AT * BigInt(1 + context);
}

/** What the guest's firmware, and then its driver, puts into memory: two contexts, of which each maps one page. */
export function firstStores(vsmmu: number): readonly Store[] {
  const { contexts } = layoutOf(vsmmu);
  return contexts.flatMap((address, context) => {
    const table = tableOf(vsmmu, context);
    const index = (level: number): bigint => (IOVA.mapped >> BigInt(12 + 9 * (3 - level))) & 0x1ffn;
    const level = (at: number): bigint => table + 0x1000n * BigInt(at);
    return [
      { address, words: contextWords(vsmmu, context, ASIDS[context] ?? 1) },
      ...[0, 1, 2].map((at) => ({
        address: level(at) + 8n * index(at),
        words: [level(at + 1) | TABLE],
      })),
      { address: leafOf(vsmmu, context), words: [(PAGES[context] ?? 0n) | LEAF] },
    ];
  });
}

/** Where a context's descriptor of `IOVA.mapped` is. */
export function leafOf(vsmmu: number, context: number): bigint {
  return tableOf(vsmmu, context) + 0x3000n + 8n * ((IOVA.mapped >> 12n) & 0x1ffn);
}

/** The descriptor that maps it to a page; 0: to none. */
export function leafWords(page: bigint | null): Words {
  return [page === null ? 0n : page | LEAF];
}

/** A stream table entry with a context of the vSMMU's. */
export function translating(vsmmu: number, context: number): Words {
  const S1ContextPtr = layoutOf(vsmmu).contexts[context] ?? 0n;
  return vste({ V: 1, Config: SteConfig.S1Trans, S1ContextPtr, S1CIR: 1, S1COR: 1, S1CSH: 3 });
}
