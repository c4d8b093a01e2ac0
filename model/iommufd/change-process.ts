import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { contextObjects } from './object-table.ts';

/** IOMMU_IOAS_CHANGE_PROCESS (rule R-18): only mappings of files can move to another process. */
export function changeProcess(tx: Tx, ctx: number, args: CommandArgs['ioasChangeProcess']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  const others = contextObjects(tx, ctx).some(
    (slot) => slot?.type === 'ioas' && slot.iopt.areas.some(({ file }) => file === undefined),
  );
  return others ? refused('EINVAL') : done();
}
