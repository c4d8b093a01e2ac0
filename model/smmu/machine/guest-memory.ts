/** The pages of a guest's RAM that hold tables for the SMMU, by page; all others are null or absent. */
export type GuestMemory = readonly (GuestPage | null)[];

/**
 * A page with 64 CDs, or a stage-1 table for the first 2 MiB of an address space and the 1 MiB in which the kernel places
 * MSI doorbells. Read as the other it is all zero.
 */
export type GuestPage =
  | { readonly kind: 'contexts'; readonly slots: readonly (Cd | null)[] }
  | { readonly kind: 'table'; readonly entries: readonly (Pte | null)[] };

/** A valid CD: AArch64, 4 KiB granule, 28-bit VAs, IPS = OAS, TTB0 only, its faults abort. */
export interface Cd {
  readonly asid: number;
  /** The page of TTB0, an IPA. */
  readonly table: number;
  /** CD.R: stage-1 faults are recorded. */
  readonly recorded: boolean;
}

/** A valid stage-1 page descriptor. */
export interface Pte {
  /** Output page, an IPA. */
  readonly ipa: number;
  readonly writable: boolean;
  /** nG = 0. */
  readonly global: boolean;
}

export const CD_BYTES = 64;
export const CDS_PER_PAGE = 64;

/** Descriptors for the pages from VA 0 on, and behind them those for the pages of the MSI window. */
const LOW_PTES = 512;
const WINDOW_PTES = 256;
const WINDOW_PAGE = 0x8000;

/** Pages that one table maps. */
export const PTES_PER_TABLE = LOW_PTES + WINDOW_PTES;

/** Bits of the VAs that a CD translates (T0SZ = 36): more than the table maps, so some of them have no descriptor. */
export const VA_BITS = 28;

/** The VA page of a descriptor. */
export function vaPageOf(index: number): number {
  return index < LOW_PTES ? index : WINDOW_PAGE + (index - LOW_PTES);
}

/** The descriptor of a VA page; -1: the table has none. */
export function pteIndexOf(page: number): number {
  if (page < LOW_PTES) return page;
  const inWindow = page - WINDOW_PAGE;
  return inWindow >= 0 && inWindow < WINDOW_PTES ? LOW_PTES + inWindow : -1;
}

/** Memory with a CD written, or cleared; the same memory where that changes nothing. */
export function writeCd(memory: GuestMemory, page: number, slot: number, cd: Cd | null): GuestMemory {
  const old = memory[page] ?? null;
  const slots = old?.kind === 'contexts' ? old.slots : [];
  const before = slots[slot] ?? null;
  if (old?.kind === 'contexts' ? sameCd(before, cd) : old === null && cd === null) return memory;
  return put(memory, page, { kind: 'contexts', slots: put(slots, slot, cd) });
}

/** Memory with a page descriptor written, or cleared; the same memory where that changes nothing. */
export function writePte(memory: GuestMemory, page: number, index: number, pte: Pte | null): GuestMemory {
  const old = memory[page] ?? null;
  const entries = old?.kind === 'table' ? old.entries : [];
  const before = entries[index] ?? null;
  if (old?.kind === 'table' ? samePte(before, pte) : old === null && pte === null) return memory;
  return put(memory, page, { kind: 'table', entries: put(entries, index, pte) });
}

/** A list with one element replaced; it grows as needed and has no nulls at its end. */
function put<T>(list: readonly (T | null)[], index: number, value: T | null): readonly (T | null)[] {
  const copy = list.slice();
  while (copy.length <= index) copy.push(null);
  copy[index] = value;
  while (copy.length > 0 && copy.at(-1) === null) copy.pop();
  return copy;
}

function sameCd(a: Cd | null, b: Cd | null): boolean {
  if (a === null || b === null) return a === b;
  return a.asid === b.asid && a.table === b.table && a.recorded === b.recorded;
}

function samePte(a: Pte | null, b: Pte | null): boolean {
  if (a === null || b === null) return a === b;
  return a.ipa === b.ipa && a.writable === b.writable && a.global === b.global;
}
