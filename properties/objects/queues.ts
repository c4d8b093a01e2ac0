import type { CommandArgs } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { HW_QUEUE_TYPE, MAX_ENTRIES, ULONG_MAX, VEVENTQ_TYPE } from '../../spec/iommufd/constants.ts';
import { SELFTEST } from '../../spec/iommufd/selftest.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import type { At } from '../answers/place.ts';
import { objectIn, objectOf } from '../look.ts';
import { madeIn } from './at.ts';

/** Hardware queues that a vIOMMU of the selftests has. */
const MOCK_QUEUES = 2;

/** Whether a descriptor that a call gave is a file of the queue that it made. */
function isFileOf(world: World, actor: string, fd: unknown, kind: string, ctx: number, id: unknown): boolean {
  const { of } = (typeof fd === 'number' ? fileOf({ world }, actor, fd) : null) ?? {};
  return of?.kind === kind && 'id' in of && of.ctx === ctx && of.id === id;
}

/** IOMMU_VEVENTQ_ALLOC (rule R-31). */
function veventqAlloc(at: At, args: CommandArgs['veventqAlloc'], actor: string): Answer {
  if (args.flags !== 0 || args.reserved !== 0 || args.type === VEVENTQ_TYPE.DEFAULT)
    return refusal('EOPNOTSUPP');
  if (args.veventqDepth === 0 || args.veventqDepth > MAX_ENTRIES) return refusal('EINVAL');
  if (objectOf(at.context, args.viommuId, 'viommu') === null) return refusal('ENOENT');
  const isTaken = at.context.objects.some(
    (each) => each?.type === 'veventq' && each.viommu === args.viommuId && each.eventType === args.type,
  );
  if (isTaken) return refusal('EEXIST');
  if (args.unwritable) return refusal('EFAULT');
  return {
    errno: null,
    wrongIn(after) {
      const made = madeIn(at, after, 'outVeventqId', 'veventq');
      const { outVeventqFd: fd, outVeventqId: id } = after.result.out;
      const isNew =
        made?.viommu === args.viommuId &&
        made.eventType === args.type &&
        made.depth === args.veventqDepth &&
        made.events.length + made.sequence === 0;
      return isNew && isFileOf(after.world, actor, fd, 'veventq', at.ctx, id)
        ? null
        : `VEVENTQ_ALLOC gives no empty queue of type ${args.type} on vIOMMU ${args.viommuId}`;
    },
  };
}

/** IOMMU_FAULT_QUEUE_ALLOC. */
function faultQueueAlloc(at: At, args: CommandArgs['faultQueueAlloc'], actor: string): Answer {
  if (args.flags !== 0) return refusal('EOPNOTSUPP');
  if (args.unwritable) return refusal('EFAULT');
  return {
    errno: null,
    wrongIn(after) {
      const made = madeIn(at, after, 'outFaultId', 'fault');
      const { outFaultFd: fd, outFaultId: id } = after.result.out;
      return made?.groups.length === 0 && isFileOf(after.world, actor, fd, 'fault', at.ctx, id)
        ? null
        : 'FAULT_QUEUE_ALLOC gives no empty queue';
    },
  };
}

/** IOMMU_HW_QUEUE_ALLOC (rule R-36): of what it says of memory, that all of it is mapped, and one piece. */
function hwQueueAlloc(at: At, args: CommandArgs['hwQueueAlloc']): Answer {
  const { flags, type, length, nestingParentIova: iova, viommuId, index } = args;
  if (flags !== 0 || type === HW_QUEUE_TYPE.DEFAULT) return refusal('EOPNOTSUPP');
  if (length === 0n) return refusal('EINVAL');
  if (iova + length - 1n > ULONG_MAX) return refusal('EOVERFLOW');
  const viommu = objectOf(at.context, viommuId, 'viommu');
  if (viommu === null) return refusal('ENOENT');
  const isMock = at.world.platform.iommus[viommu.iommu]?.kind === 'mock';
  if (!isMock || type !== SELFTEST.HW_QUEUE) return refusal('EOPNOTSUPP');
  const parent = objectOf(at.context, viommu.hwpt, 'hwptPaging');
  const areas = objectOf(at.context, parent?.ioas ?? -1, 'ioas')?.iopt.areas ?? [];
  const start = iova - (iova % at.world.platform.kernel.pageSize);
  let next = start;
  const behind = new Set<bigint>();
  for (const area of areas) {
    if (area.start > next || area.last < next || next >= iova + length) continue;
    next = area.last + 1n;
    behind.add(area.va - area.start);
  }
  if (next < iova + length) return { errno: 'ENOENT', mayBeRefused: true };
  if (behind.size > 1) return { errno: 'EFAULT', mayBeRefused: true };
  const has = (wanted: number): boolean =>
    at.context.objects.some(
      (each) => each?.type === 'hwQueue' && each.viommu === viommuId && each.index === wanted,
    );
  const order =
    index >= MOCK_QUEUES ? 'EINVAL' : has(index) ? 'EEXIST' : index > 0 && !has(index - 1) ? 'EIO' : null;
  if (order !== null) return { errno: order, mayBeRefused: true };
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn(after) {
      const made = madeIn(at, after, 'outHwQueueId', 'hwQueue');
      const access = made === null ? null : objectIn(after.world, at.ctx, made.access, 'access');
      const keeps = access?.pins.some((pin) => pin.start <= start && pin.last >= iova + length - 1n) === true;
      return made?.viommu === viommuId && made.index === index && access?.locks === true && keeps
        ? null
        : `HW_QUEUE_ALLOC gives no queue ${index} of vIOMMU ${viommuId} that keeps its memory`;
    },
  };
}

export const QUEUE_ANSWERS = { faultQueueAlloc, hwQueueAlloc, veventqAlloc } as const;
