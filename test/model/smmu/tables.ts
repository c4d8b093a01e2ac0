import { type GranuleShift, levelShift, strideOf } from '../../../spec/smmuv3/address.ts';

/** A tree of translation tables under construction in a memory of 64-bit words. */
export interface Tables {
  readonly root: bigint;
  readonly granule: GranuleShift;
  readonly startLevel: number;
  /** Where the memory of a table address is: tables of stage 1 lie in IPA space when there is a stage 2. */
  readonly physical: (address: bigint) => bigint;
  /** Where the next new table goes. */
  free: bigint;
}

const TABLE = 3n;

/** A tree whose root takes one granule, followed by the tables below it. */
export function tablesAt(
  root: bigint,
  startLevel: number,
  { granule = 12, physical = (address) => address }: Partial<Pick<Tables, 'granule' | 'physical'>> = {},
): Tables {
  return { root, granule, startLevel, physical, free: root + (1n << BigInt(granule)) };
}

/** Writes a leaf descriptor at `leafLevel`, and the tables above it that are missing. */
export function map(
  memory: Map<bigint, bigint>,
  tables: Tables,
  input: bigint,
  descriptor: bigint,
  leafLevel = 3,
): void {
  const entries = (1n << BigInt(strideOf(tables.granule))) - 1n;
  let table = tables.root;
  for (let level = tables.startLevel; ; level++) {
    const index = input >> BigInt(levelShift(tables.granule, level));
    // The first level may be several tables in a row.
    const slot = tables.physical(table) + (level === tables.startLevel ? index : index & entries) * 8n;
    if (level === leafLevel) {
      memory.set(slot, descriptor);
      return;
    }
    const above = memory.get(slot) ?? 0n;
    if (above === 0n) {
      table = tables.free;
      tables.free += 1n << BigInt(tables.granule);
      memory.set(slot, table | TABLE);
    } else table = above & 0xffff_ffff_f000n;
  }
}
