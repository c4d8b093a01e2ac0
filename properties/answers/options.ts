import type { CommandArgs } from '../../model/world/command.ts';
import { OPTION, OPTION_OP } from '../../spec/iommufd/constants.ts';
import { objectIn, objectOf } from '../look.ts';
import { type Answer, refusal } from './answer.ts';
import { alignmentOf } from './ioas.ts';
import type { At } from './place.ts';

/** IOMMU_OPTION (rule R-7). */
function option(at: At, args: CommandArgs['option']): Answer {
  if (args.reserved !== 0) return refusal('EOPNOTSUPP');
  if (args.optionId === OPTION.RLIMIT_MODE) return rlimitMode(at, args);
  return args.optionId === OPTION.HUGE_PAGES ? hugePages(at, args) : refusal('EOPNOTSUPP');
}

function rlimitMode({ world, ctx, context }: At, { objectId, op, val64 }: CommandArgs['option']): Answer {
  if (objectId !== 0) return refusal('EOPNOTSUPP');
  if (op === OPTION_OP.GET) return { errno: null, out: { val64: context.chargeProcess ? 1n : 0n } };
  if (op !== OPTION_OP.SET) return refusal('EOPNOTSUPP');
  if (!world.platform.kernel.capSysResource) return refusal('EPERM');
  if (context.objects.some((each) => each !== null && each.type !== 'tombstone')) return refusal('EBUSY');
  if (val64 > 1n) return refusal('EINVAL');
  return {
    errno: null,
    wrongIn: (after) =>
      after.world.contexts[ctx]?.chargeProcess === (val64 === 1n)
        ? null
        : `RLIMIT_MODE was set to ${val64}, and is not`,
  };
}

function hugePages(at: At, { objectId, op, val64 }: CommandArgs['option']): Answer {
  const { world, ctx, context } = at;
  const ioas = objectOf(context, objectId, 'ioas');
  if (ioas === null) return refusal('ENOENT');
  const { areas, alignment, hugePagesDisabled } = ioas.iopt;
  if (op === OPTION_OP.GET) return { errno: null, out: { val64: hugePagesDisabled ? 0n : 1n } };
  if (op !== OPTION_OP.SET) return refusal('EOPNOTSUPP');
  if (val64 > 1n) return refusal('EINVAL');
  const { pageSize } = world.platform.kernel;
  if (val64 === 0n && !hugePagesDisabled) {
    if (ioas.hwpts.length > 0 && areas.length > 0) return refusal('EINVAL');
    const misfit = areas.some(
      ({ start, last, va }) =>
        start % pageSize !== 0n || (last + 1n) % pageSize !== 0n || va % pageSize !== 0n,
    );
    if (alignment < pageSize && misfit) return refusal('EADDRINUSE');
  }
  return {
    errno: null,
    wrongIn(after) {
      const iopt = objectIn(after.world, ctx, objectId, 'ioas')?.iopt;
      if (iopt?.hugePagesDisabled !== (val64 === 0n)) return `HUGE_PAGES was set to ${val64}, and is not`;
      const needed = alignmentOf(at, objectId, ioas, val64 === 0n);
      return iopt.alignment === needed
        ? null
        : `IOAS ${objectId} takes mappings of ${iopt.alignment} bytes, and ${needed} are what its users need`;
    },
  };
}

const OP = { GET: 0, SET: 1, CLEAR: 2 } as const;

/** IOMMU_VFIO_IOAS (linux/iommufd.h). */
function vfioIoas({ ctx, context }: At, { op, ioasId, reserved }: CommandArgs['vfioIoas']): Answer {
  if (reserved !== 0) return refusal('EOPNOTSUPP');
  const { compatIoas } = context;
  if (op === OP.GET)
    return compatIoas === null ? refusal('ENODEV') : { errno: null, out: { ioasId: compatIoas } };
  if (op === OP.SET && objectOf(context, ioasId, 'ioas') === null) return refusal('ENOENT');
  if (op !== OP.SET && op !== OP.CLEAR) return refusal('EOPNOTSUPP');
  const expected = op === OP.SET ? ioasId : null;
  return {
    errno: null,
    wrongIn: ({ world }) =>
      world.contexts[ctx]?.compatIoas === expected
        ? null
        : `container calls are about IOAS ${world.contexts[ctx]?.compatIoas}, where they are to be about ${expected}`,
  };
}

export const OPTION_ANSWERS = { option, vfioIoas } as const;
