import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { contextObjects } from './object-table.ts';

/** IOMMU_IOAS_CHANGE_PROCESS (rule R-18): only mappings of files can move to another process. */
export function changeProcess(tx: Tx, ctx: number, args: CommandArgs['ioasChangeProcess']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  for (const slot of contextObjects(tx, ctx)) {
    if (slot?.type !== 'ioas') continue;
    for (const area of slot.iopt.areas) {
      if (area.filling === true) {
        if (tx.rules.iommufd.changeProcessLooksForPages) return refused('EBUSY');
        throw new Error('area->pages is NULL');
      }
      if (area.file === undefined) return refused('EINVAL');
    }
  }
  return done();
}
