import { encode } from '../../../spec/bits.ts';
import { pasidDirectoryEntry } from '../../../spec/vtd/entries.ts';
import { type Drive, deviceTables, putDeviceTables, store, write, writeBack } from './drive.ts';
import { NO_PASID_ENTRY } from './entries.ts';
import { leafAddress } from './layout.ts';

const PASIDS_OF_LEAF = 64;

export function directoryIndex(pasid: number): number {
  return Math.floor(pasid / PASIDS_OF_LEAF);
}

/**
 * intel_pasid_get_entry(): a page for the entries of 64 PASIDs when the first of them is used. What was in that page before
 * stays in memory until its zeroes are written back, where the unit does not snoop.
 */
export function openLeaf(drive: Drive, device: number, pasid: number): void {
  const tables = deviceTables(drive, device);
  const index = directoryIndex(pasid);
  if (tables.directory.includes(index)) return;
  const leaf = { table: 'leaf', index } as const;
  const entry = { P: 1, SMPTBLPTR: leafAddress(device, tables.table, index) };
  store(drive, device, leaf, [NO_PASID_ENTRY]);
  if (drive.rules.leafWrittenBackFirst) writeBack(drive, device, leaf);
  write(drive, device, { table: 'directory', index }, [encode(pasidDirectoryEntry, entry)]);
  if (!drive.rules.leafWrittenBackFirst) writeBack(drive, device, leaf);
  const directory = [...tables.directory, index].toSorted((a, b) => a - b);
  putDeviceTables(drive, device, { ...tables, directory });
}
