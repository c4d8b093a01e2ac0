/*
 * Where the driver's own structures lie in physical memory: above all RAM, within the output size of every pSMMU. No answer
 * depends on it.
 */

/** CDs, one after the other by device. */
const CONTEXTS_START = 0x8_0000_0000n;
const CONTEXT_BYTES = 64n;

/** Tables, by place of the domain. */
const TABLES_START = 0x10_0000_0000n;
const TABLES_SHIFT = 28n;

export function contextAddress(device: number): bigint {
  return CONTEXTS_START + BigInt(device) * CONTEXT_BYTES;
}

/** The first root table of the domain at a place. */
export function tablesAddress(place: number): bigint {
  return TABLES_START + (BigInt(place) << TABLES_SHIFT);
}

/** What lies at an address. */
export type Structure =
  | { readonly kind: 'context'; readonly device: number; readonly offset: number }
  | { readonly kind: 'table'; readonly place: number; readonly offset: number };

/** The structure that an address of the driver's memory belongs to; null elsewhere. */
export function structureAt(address: bigint): Structure | null {
  if (address >= TABLES_START) {
    const offset = address - TABLES_START;
    const place = offset >> TABLES_SHIFT;
    return { kind: 'table', place: Number(place), offset: Number(offset - (place << TABLES_SHIFT)) };
  }
  if (address < CONTEXTS_START) return null;
  const offset = address - CONTEXTS_START;
  const device = offset / CONTEXT_BYTES;
  return { kind: 'context', device: Number(device), offset: Number(offset % CONTEXT_BYTES) };
}
