import type { GuestWords } from '../../model/platform/emulated.ts';
import { wordKey } from '../../model/platform/guest-memory.ts';
import { encode } from '../../spec/bits.ts';
import {
  AddressWidth,
  legacyContext,
  Pgtt,
  pasidDirectoryEntry,
  pasidEntry,
  rootEntry,
  scalableContext,
} from '../../spec/vtd/entries.ts';

/*
 * The guest memory of an emulated remapping unit: where its tables are, and what is in them at boot. Tables of both modes stand
 * beside each other, and share their paging tables, so that a device reaches the same pages whichever the root table is.
 */

/** Which stages the PASID table entries of a unit can have; in legacy mode it is always the second. */
export type Stage = 'first' | 'second' | 'nested';

const TABLES = 0x200_0000n;

/** Where the tables of a guest are. */
export const VTD_LAYOUT = {
  legacyRoot: TABLES,
  scalableRoot: TABLES + 0x1000n,
  /** Context tables of bus 0, and of all others; in scalable mode of both halves of a bus. */
  legacyContexts: [TABLES + 0x2000n, TABLES + 0x3000n],
  scalableContexts: [TABLES + 0x4000n, TABLES + 0x6000n],
  upperContexts: TABLES + 0x5000n,
  directories: [TABLES + 0x8000n, TABLES + 0x9000n],
  pasidTables: [TABLES + 0xa000n, TABLES + 0xb000n],
  /** Paging tables: two of four levels, which share the lower three. */
  tops: [TABLES + 0x1_0000n, TABLES + 0x1_1000n],
  level3: TABLES + 0x1_2000n,
  level2: TABLES + 0x1_3000n,
  level1: TABLES + 0x1_4000n,
  /** Where wait descriptors write. */
  status: TABLES + 0x1_f000n,
  queue: TABLES + 0x2_0000n,
  /** Nested paging tables: of the second stage, four levels, the last of which is for the guest's tables and for its pages. */
  seconds: [TABLES + 0x3_0000n, TABLES + 0x3_1000n, TABLES + 0x3_2000n],
  secondOfTables: TABLES + 0x3_3000n,
  secondOfPages: TABLES + 0x3_4000n,
  /** And of the first stage, from the top on: where they are, and where the guest has them. */
  firsts: TABLES + 0x3_8000n,
  guestTables: 0xa00_0000n,
  /** What the first stage leads to, in addresses of the guest. */
  guestPages: 0xb00_0000n,
  guestLarge: 0xc00_0000n,
  /** Addresses of devices: pages, and a large page. */
  pages: 0x140_0000n,
  largePage: 0x160_0000n,
  /** What they lead to. */
  outputs: 0x100_0000n,
  largeOutput: 0x120_0000n,
} as const;

/** What a guest may store into. */
export const VTD_TABLES = { first: TABLES, end: TABLES + 0x4_0000n } as const;

/** Pages of which each word tells where it is: what devices reach with translation and without. */
export const VTD_STAMPED = { first: 0x100_0000n, end: 0x180_0000n } as const;

/** Where a guest has memory; below 1 MiB a PC has more than that. */
export const VTD_RAM = { first: 0n, end: 0x1000_0000n } as const;

/** Pages that are mapped at boot. */
export const VTD_PAGES = 8;

/** Source ids: functions of one device, one in the upper half of its bus, one behind a root port, one behind a PCI bridge. */
export const VTD_SOURCES: readonly number[] = [0x18, 0x19, 0x1c, 0x90, 0x100, 0x300];

export const BUSES: readonly number[] = [0, 1, 3];

const ROOT_BYTES = 16n;
const LEGACY_BYTES = 16n;
const SCALABLE_BYTES = 32n;
const PASID_BYTES = 64n;
const UPPER_HALF = 0x80;
const LARGE = 0x80n;

/** Bits of a paging entry that let everything through, in both stages. */
export const OPEN = 0x7n;

/** Where the root entry of a bus is, in one of the root tables. */
export function rootAt(root: bigint, bus: number): bigint {
  return root + BigInt(bus) * ROOT_BYTES;
}

export function legacyContextAt(source: number): bigint {
  const [first, others] = VTD_LAYOUT.legacyContexts;
  return (source >> 8 === 0 ? first : others) + BigInt(source & 0xff) * LEGACY_BYTES;
}

export function scalableContextAt(source: number): bigint {
  const [first, others] = VTD_LAYOUT.scalableContexts;
  const devfn = source & 0xff;
  const table = source >> 8 !== 0 ? others : devfn >= UPPER_HALF ? VTD_LAYOUT.upperContexts : first;
  return table + BigInt(devfn % UPPER_HALF) * SCALABLE_BYTES;
}

export function legacyRootWords(bus: number): readonly bigint[] {
  const [first, others] = VTD_LAYOUT.legacyContexts;
  return [...encode(rootEntry, { P: 1, CTP: bus === 0 ? first : others }), 0n];
}

export function scalableRootWords(bus: number): readonly bigint[] {
  const [first, others] = VTD_LAYOUT.scalableContexts;
  return [
    ...encode(rootEntry, { P: 1, CTP: bus === 0 ? first : others }),
    ...encode(rootEntry, { P: 1, CTP: VTD_LAYOUT.upperContexts }),
  ];
}

/** The directory, table and domain id of a device: two of each, and another id for those behind bridges. */
export function setOf(source: number): 0 | 1 {
  return source === 0x19 || source >= 0x100 ? 1 : 0;
}

export function legacyContextWords(source: number): readonly bigint[] {
  const set = setOf(source);
  return encode(legacyContext, {
    ...{ P: 1, AW: AddressWidth.Levels4, DID: 1 + set },
    SSPTPTR: VTD_LAYOUT.tops[set],
  });
}

export function scalableContextWords(source: number, stage: Stage): readonly bigint[] {
  const PASIDE = stage === 'nested' ? 1 : 0;
  return encode(scalableContext, { P: 1, PASIDE, PASIDDIRPTR: VTD_LAYOUT.directories[setOf(source)] });
}

export function directoryWords(set: 0 | 1): readonly bigint[] {
  return encode(pasidDirectoryEntry, { P: 1, SMPTBLPTR: VTD_LAYOUT.pasidTables[set] });
}

export function pasidWords(set: 0 | 1, stage: Stage): readonly bigint[] {
  return encode(pasidEntry, { P: 1, AW: AddressWidth.Levels4, DID: 1 + set, ...stageFields(set, stage) });
}

function stageFields(set: 0 | 1, stage: Stage) {
  const top = VTD_LAYOUT.tops[set];
  switch (stage) {
    case 'first':
      return { PGTT: Pgtt.First, FSPTPTR: top };
    case 'second':
      return { PGTT: Pgtt.Second, SSPTPTR: top };
    case 'nested':
      return { PGTT: Pgtt.Nested, FSPTPTR: VTD_LAYOUT.guestTables, SSPTPTR: VTD_LAYOUT.seconds[0] };
  }
}

/** The paging entries of nested translation at boot: where each is, and what it leads to. */
export function nestedEntries(): readonly (readonly [at: bigint, to: bigint])[] {
  const { seconds, secondOfTables, secondOfPages, firsts, guestTables, guestPages, guestLarge } = VTD_LAYOUT;
  const { pages, largePage, outputs, largeOutput } = VTD_LAYOUT;
  const [top, level3, level2] = seconds;
  const [first, next] = [firsts + 0x2000n, firsts + 0x3000n];
  return [
    [top, level3],
    [level3, level2],
    [entryFor(level2, guestTables, 21n), secondOfTables],
    [entryFor(level2, guestPages, 21n), secondOfPages],
    [entryFor(level2, guestLarge, 21n), largeOutput | LARGE],
    [firsts, guestTables + 0x1000n],
    [firsts + 0x1000n, guestTables + 0x2000n],
    [entryFor(first, pages, 21n), guestTables + 0x3000n],
    [entryFor(first, largePage, 21n), guestLarge | LARGE],
    ...[0n, 1n, 2n, 3n].map((at) => [secondOfTables + at * 8n, firsts + at * 0x1000n] as const),
    ...Array.from({ length: VTD_PAGES }, (_, page) => BigInt(page)).flatMap((page) => [
      [secondOfPages + page * 8n, outputs + page * 0x1000n] as const,
      [next + page * 8n, guestPages + page * 0x1000n] as const,
    ]),
  ];
}

/** The entry of an address in a table whose entries map 2^`shift` bytes each. */
export function entryFor(table: bigint, address: bigint, shift: bigint): bigint {
  return table + ((address >> shift) & 0x1ffn) * 8n;
}

/** What is in memory at boot, on a unit whose tables have so many levels. */
export function vtdBootMemory(stage: Stage, levels: 3 | 4): GuestWords {
  const words = new Map<bigint, bigint>();
  const put = (address: bigint, all: readonly bigint[]): void => {
    for (const [at, word] of all.entries()) if (word !== 0n) words.set(address + BigInt(8 * at), word);
  };
  const { legacyRoot, scalableRoot, directories, pasidTables, tops } = VTD_LAYOUT;
  const { level3, level2, level1, pages, largePage, outputs, largeOutput } = VTD_LAYOUT;
  for (const bus of BUSES) {
    put(rootAt(legacyRoot, bus), legacyRootWords(bus));
    put(rootAt(scalableRoot, bus), scalableRootWords(bus));
  }
  for (const source of VTD_SOURCES) {
    put(legacyContextAt(source), contextOfLevels(source, levels));
    put(scalableContextAt(source), scalableContextWords(source, stage));
  }
  for (const set of [0, 1] as const) {
    put(directories[set], directoryWords(set));
    put(pasidTables[set], pasidWords(set, stage));
    put(tops[set], [level3 | OPEN]);
    // Another PASID, which leads to other tables.
    if (stage === 'nested') put(pasidTables[set] + PASID_BYTES, pasidWords(set, 'second'));
  }
  put(level3, [level2 | OPEN]);
  put(entryFor(level2, pages, 21n), [level1 | OPEN]);
  put(entryFor(level2, largePage, 21n), [largeOutput | LARGE | OPEN]);
  for (let page = 0n; page < BigInt(VTD_PAGES); page++)
    put(level1 + page * 8n, [(outputs + page * 0x1000n) | OPEN]);
  if (stage === 'nested') for (const [at, to] of nestedEntries()) put(at, [to | OPEN]);
  return Object.fromEntries([...words].map(([address, word]) => [wordKey(address), word]));
}

/** A legacy context entry whose tables have as many levels as the unit takes. */
export function contextOfLevels(source: number, levels: 3 | 4): readonly bigint[] {
  if (levels === 4) return legacyContextWords(source);
  return encode(legacyContext, {
    ...{ P: 1, AW: AddressWidth.Levels3, DID: 1 + setOf(source) },
    SSPTPTR: VTD_LAYOUT.level3,
  });
}
