import { OPTION, OPTION_OP } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, type Tx } from '../world/tx.ts';
import { minPagesOn } from './access.ts';
import { withIopt } from './copy.ts';
import { disableHugePages, enableHugePages } from './iopt/domains.ts';
import { getOf, mustGet, objectIds, putObject } from './object-table.ts';

/** IOMMU_OPTION (rule R-7). */
export function option(tx: Tx, ctx: number, args: CommandArgs['option']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  switch (args.optionId) {
    case OPTION.RLIMIT_MODE:
      return rlimitMode(tx, ctx, args);
    case OPTION.HUGE_PAGES:
      return hugePages(tx, ctx, args);
    default:
      return refused('EOPNOTSUPP');
  }
}

function rlimitMode(tx: Tx, ctx: number, args: CommandArgs['option']): Result {
  if (args.objectId !== 0) return refused('EOPNOTSUPP');
  const context = contextAt(tx, ctx);
  if (args.op === OPTION_OP.GET) return done({ val64: context.chargeProcess ? 1n : 0n });
  if (args.op !== OPTION_OP.SET) return refused('EOPNOTSUPP');
  if (!tx.world.platform.kernel.capSysResource) return refused('EPERM');
  if (objectIds(tx, ctx).length > 0) return refused('EBUSY');
  if (args.val64 > 1n) return refused('EINVAL');
  putContext(tx, ctx, { ...context, chargeProcess: args.val64 === 1n });
  return done({ val64: args.val64 });
}

function hugePages(tx: Tx, ctx: number, args: CommandArgs['option']): Result {
  const ioas = getOf(tx, ctx, args.objectId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  if (args.op === OPTION_OP.GET) return done({ val64: ioas.iopt.hugePagesDisabled ? 0n : 1n });
  if (args.op !== OPTION_OP.SET) return refused('EOPNOTSUPP');
  if (args.val64 > 1n) return refused('EINVAL');
  const { kernel } = tx.world.platform;
  const minPages = ioas.hwpts.map((id) => mustGet(tx, ctx, id, 'hwptPaging').domain.geometry.minPage);
  const iopt =
    args.val64 === 0n
      ? disableHugePages(ioas.iopt, minPages, kernel)
      : enableHugePages(ioas.iopt, minPagesOn(tx, ctx, args.objectId, ioas.hwpts), kernel);
  if (typeof iopt === 'string') return refused(iopt);
  putObject(tx, ctx, args.objectId, withIopt(ioas, iopt));
  return done({ val64: args.val64 });
}
