import type { PagingRef, VtdTables } from './tables.ts';

/*
 * Where the driver's own structures lie in physical memory: above all RAM. No answer depends on it.
 */

const TABLES_START = 0x10_0000_0000n;
const TABLES_SHIFT = 28n;

/** PASID directories, by device and by how often it was scanned. */
const DIRECTORIES_START = 0x8_0000_0000n;
const DIRECTORY_SHIFT = 12n;
const DEVICE_SHIFT = 24n;
const SCANS = 1n << (DEVICE_SHIFT - DIRECTORY_SHIFT);

/** Domain id 0 is reserved, and 1 belongs to first-stage domains of the kernel's own. */
export const FIRST_DOMAIN_ID = 2;

export function tableAddress(place: number): bigint {
  return TABLES_START + (BigInt(place) << TABLES_SHIFT);
}

/** The paging domain whose first table lies at an address; null where none does. */
export function domainAt({ placed }: VtdTables, address: bigint): PagingRef | null {
  if (address < TABLES_START) return null;
  return placed[Number((address - TABLES_START) >> TABLES_SHIFT)] ?? null;
}

/** First-level tables of the kernel's own domains, by group and by how often one was made for it. */
const OWN_TABLES_START = 0xc_0000_0000n;

export function ownTableAddress(group: number, made: number): bigint {
  return OWN_TABLES_START + (BigInt(group) << DEVICE_SHIFT) + ((BigInt(made) % SCANS) << DIRECTORY_SHIFT);
}

/** Pages of entries, of the directory of a device's n-th scan. */
const LEAVES_START = 0xe_0000_0000n;
const LEAVES_OF_DIRECTORY = 4n;

export function leafAddress(device: number, table: number, index: number): bigint {
  const leaf = (BigInt(table) % SCANS) * LEAVES_OF_DIRECTORY + BigInt(index);
  return LEAVES_START + (BigInt(device) << (DEVICE_SHIFT + 2n)) + (leaf << DIRECTORY_SHIFT);
}

export function directoryAddress(device: number, table: number): bigint {
  return DIRECTORIES_START + (BigInt(device) << DEVICE_SHIFT) + ((BigInt(table) % SCANS) << DIRECTORY_SHIFT);
}
