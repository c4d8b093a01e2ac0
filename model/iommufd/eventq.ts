import { MAX_ENTRIES, VEVENTQ_TYPE } from '../../spec/iommufd/constants.ts';
import type { CommandArgs, Words } from '../world/command.ts';
import { installFile, leaveUnreleased } from '../world/files.ts';
import type { OpenFile } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, deviceAt, putContext, type Tx } from '../world/tx.ts';
import { withRefs } from './copy.ts';
import { driverOfDevice } from './drivers/registry.ts';
import {
  addUsers,
  allocObject,
  contextObjects,
  getOf,
  mustGet,
  putObject,
  removeObject,
} from './object-table.ts';
import type { Objects } from './operations.ts';
import { readEvents, reportEvent } from './veventq.ts';

/** An event queue's file holds one reference to the object and one to the context. */
const FILE_AND_TABLE = 2;

/** IOMMU_VEVENTQ_ALLOC (rule R-31): one queue per vIOMMU and type. */
export function veventqAlloc(tx: Tx, ctx: number, args: CommandArgs['veventqAlloc'], actor: string): Result {
  if (args.flags !== 0 || args.reserved !== 0 || args.type === VEVENTQ_TYPE.DEFAULT)
    return refused('EOPNOTSUPP');
  if (args.veventqDepth === 0 || args.veventqDepth > MAX_ENTRIES) return refused('EINVAL');
  if (getOf(tx, ctx, args.viommuId, 'viommu') === null) return refused('ENOENT');
  if (findQueue(tx, ctx, args.viommuId, args.type) !== null) return refused('EEXIST');
  const id = allocObject(tx, ctx, {
    type: 'veventq',
    users: FILE_AND_TABLE,
    viommu: args.viommuId,
    eventType: args.type,
    depth: args.veventqDepth,
    sequence: 0,
    events: [],
    numEvents: 0,
  });
  addUsers(tx, ctx, args.viommuId, 1);
  const made: QueueFile = { kind: 'veventq', ctx, id };
  if (args.unwritable) return abort(tx, made);
  holdContext(tx, ctx);
  return done({ outVeventqId: id, outVeventqFd: installFile(tx, actor, made) });
}

/** IOMMU_FAULT_QUEUE_ALLOC: the queue of page requests. */
export function faultQueueAlloc(
  tx: Tx,
  ctx: number,
  args: CommandArgs['faultQueueAlloc'],
  actor: string,
): Result {
  if (args.flags !== 0) return refused('EOPNOTSUPP');
  const id = allocObject(tx, ctx, { type: 'fault', users: FILE_AND_TABLE, groups: [] });
  const made: QueueFile = { kind: 'fault', ctx, id };
  if (args.unwritable) return abort(tx, made);
  holdContext(tx, ctx);
  return done({ outFaultId: id, outFaultFd: installFile(tx, actor, made) });
}

export type QueueFile = Extract<OpenFile, { kind: 'veventq' | 'fault' }>;

export const QUEUE_OBJECTS = {
  veventq: { destroy: (tx, ctx, _id, { viommu }) => addUsers(tx, ctx, viommu, -1) },
  fault: {},
} satisfies Objects<'veventq' | 'fault'>;

/**
 * The answer cannot be copied to the caller, and the queue's file was never his: it goes, and then the queue. A file is
 * released by a task of its own unless it is waited for, and finds the queue gone by then.
 */
function abort(tx: Tx, made: QueueFile): Result {
  if (!tx.rules.iommufd.abortReleasesFileFirst) {
    destroyQueue(tx, made);
    leaveUnreleased(tx, made);
    tx.keep = true;
  } else if (made.kind === 'fault' && tx.rules.iommufd.abortedQueuePutsContext) {
    destroyQueue(tx, made);
    const context = contextAt(tx, made.ctx);
    putContext(tx, made.ctx, withRefs(context, context.refs - 1));
    tx.keep = true;
  }
  return refused('EFAULT');
}

function destroyQueue(tx: Tx, { kind, ctx, id }: QueueFile): void {
  const queue = mustGet(tx, ctx, id, kind);
  removeObject(tx, ctx, id);
  if (queue.type === 'veventq') QUEUE_OBJECTS.veventq.destroy(tx, ctx, id, queue);
}

function holdContext(tx: Tx, ctx: number): void {
  const context = contextAt(tx, ctx);
  putContext(tx, ctx, withRefs(context, context.refs + 1));
}

export function findQueue(tx: Tx, ctx: number, viommu: number, type: number): number | null {
  const id = contextObjects(tx, ctx).findIndex(
    (slot) => slot?.type === 'veventq' && slot.viommu === viommu && slot.eventType === type,
  );
  return id < 0 ? null : id;
}

export function readVeventq(tx: Tx, ctx: number, id: number, args: CommandArgs['read']): Result {
  const queue = mustGet(tx, ctx, id, 'veventq');
  const read = readEvents(queue, args, tx.rules);
  if (typeof read === 'string') return refused(read);
  if (read.queue !== queue) putObject(tx, ctx, id, read.queue);
  return done({ count: read.count, data: read.data });
}

/** The answer of files without a poll operation, too, which are always ready (DEFAULT_POLLMASK); writing is not asked for. */
export const POLLIN = 1;

/** poll() of a queue: POLLIN where an event, or a group of page requests, is ready to be read. */
export function pollQueue(tx: Tx, { kind, ctx, id }: QueueFile): number {
  const ready =
    kind === 'veventq'
      ? mustGet(tx, ctx, id, 'veventq').events.length > 0
      : mustGet(tx, ctx, id, 'fault').groups.some(({ cookie }) => cookie === null);
  return ready && tx.rules.iommufd.pollSeesWhatWaits ? POLLIN : 0;
}

/**
 * An event record of the pSMMU for a device: to the event queue of its vIOMMU, under the virtual StreamID that its
 * attachment captured, or to the host's log (rule R-35).
 */
export function smmuEvent(tx: Tx, device: number, words: Words): Result {
  const { platform } = tx.world;
  const { vmaster } = deviceAt(tx, device);
  const route = driverOfDevice(platform, device).routeEvent(words, vmaster?.vsid ?? null, tx.rules);
  const queueId =
    route.to === 'guest' && vmaster !== null
      ? findQueue(tx, vmaster.ctx, vmaster.viommu, VEVENTQ_TYPE.ARM_SMMUV3)
      : null;
  if (vmaster === null || route.to !== 'guest' || queueId === null) {
    tx.effects.push({ kind: 'hostEvent', device, words });
    return done();
  }
  const queue = mustGet(tx, vmaster.ctx, queueId, 'veventq');
  const reported = reportEvent(queue, route.words, tx.rules);
  putObject(tx, vmaster.ctx, queueId, reported.queue);
  tx.effects.push({
    kind: 'vevent',
    device,
    ctx: vmaster.ctx,
    veventq: queueId,
    sequence: queue.sequence,
    lost: reported.lost,
    words: route.words,
  });
  return done();
}
