import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, type Tx } from '../world/tx.ts';
import { getOf } from './object-table.ts';

const OP = { GET: 0, SET: 1, CLEAR: 2 } as const;

/** IOMMU_VFIO_IOAS: which IOAS legacy container calls on this file would use. */
export function compatIoas(tx: Tx, ctx: number, args: CommandArgs['vfioIoas']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  const context = contextAt(tx, ctx);
  switch (args.op) {
    case OP.GET:
      return context.compatIoas === null ? refused('ENODEV') : done({ ioasId: context.compatIoas });
    case OP.SET:
      if (getOf(tx, ctx, args.ioasId, 'ioas') === null) return refused('ENOENT');
      putContext(tx, ctx, { ...context, compatIoas: args.ioasId });
      return done();
    case OP.CLEAR:
      putContext(tx, ctx, { ...context, compatIoas: null });
      return done();
    default:
      return refused('EOPNOTSUPP');
  }
}
