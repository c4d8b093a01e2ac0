import { SELFTEST } from '../../spec/iommufd/selftest.ts';
import type { Words } from '../world/command.ts';
import type { Tx } from '../world/tx.ts';
import type { UserData } from './drivers/driver.ts';
import { contextObjects, mustGet, putObject } from './object-table.ts';

/** Pages of a mock vIOMMU that a process can map. */
const PAGES = 2n;

/**
 * A mock vIOMMU that is made with data has memory which its maker can map (iommufd_viommu_alloc_mmap()): gives what the
 * caller is told, the data itself and where to map. Null: it is no mock.
 */
export function mockPageOf(tx: Tx, ctx: number, id: number, { type, words }: UserData): Words | null {
  if (type !== SELFTEST.VIOMMU || tx.world.mock === null || words === null) return null;
  const length = PAGES * tx.world.platform.kernel.pageSize;
  const offset = freeOffset(tx, ctx, length);
  const viommu = mustGet(tx, ctx, id, 'viommu');
  putObject(tx, ctx, id, { ...viommu, page: offset });
  const given = BigInt.asUintN(32, words[0] ?? 0n);
  return [given | (given << 32n), offset, length];
}

/** The lowest place from one page on that no other has (mtree_alloc_range()). */
function freeOffset(tx: Tx, ctx: number, length: bigint): bigint {
  const taken = contextObjects(tx, ctx).flatMap((slot) =>
    slot?.type === 'viommu' && slot.page !== undefined ? [slot.page] : [],
  );
  let offset = tx.world.platform.kernel.pageSize;
  while (taken.includes(offset)) offset += length;
  return offset;
}

/** Bytes of it. */
export function mockPageBytes({ world }: Tx): bigint {
  return PAGES * world.platform.kernel.pageSize;
}
