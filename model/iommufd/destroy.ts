import { copyWorld } from '../world/copy.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, type Tx } from '../world/tx.ts';
import { withRefs } from './copy.ts';
import { QUEUE_OBJECTS, type QueueFile } from './eventq.ts';
import { HW_QUEUE_OBJECTS } from './hw-queue.ts';
import { HWPT_OBJECTS } from './hwpt.ts';
import { IOAS_OBJECTS } from './ioas.ts';
import { addUsers, getObject, objectIds, removeObject } from './object-table.ts';
import type { ObjectOf, ObjectType } from './objects.ts';
import type { Objects } from './operations.ts';
import { VIOMMU_OBJECTS } from './viommu.ts';

/** IOMMU_DESTROY: ENOENT for what is not there, EBUSY while anything refers to it (rule R-1). */
export function destroy(tx: Tx, ctx: number, id: number): Result {
  const object = getObject(tx, ctx, id);
  if (object === null) return refused('ENOENT');
  if (object.users !== 1) return refused('EBUSY');
  destroyObject(tx, ctx, id, object);
  return done();
}

const OPERATIONS: Objects<ObjectType> = {
  ...IOAS_OBJECTS,
  ...HWPT_OBJECTS,
  ...VIOMMU_OBJECTS,
  ...QUEUE_OBJECTS,
  ...HW_QUEUE_OBJECTS,
  // Drivers hold these, so that no DESTROY can take them.
  device: {},
  access: {},
  // What it binds goes as the command ends.
  selftest: {},
};

/** Takes an object out of the table and gives back every reference that it held. */
export function destroyObject<T extends ObjectType>(
  tx: Tx,
  ctx: number,
  id: number,
  object: ObjectOf<T>,
): void {
  removeObject(tx, ctx, id);
  OPERATIONS[object.type as T].destroy?.(tx, ctx, id, object);
}

/**
 * The last file of a context is gone: everything goes, leaves first (rule R-4). Objects that a reference is never
 * given back for stay, and the context with them: a leak, which `teardown-returns-everything` reports.
 */
export function releaseContext(tx: Tx, ctx: number): void {
  for (let progress = true; progress; ) {
    progress = false;
    for (const id of objectIds(tx, ctx)) {
      const object = getObject(tx, ctx, id);
      if (object?.users !== 1) continue;
      destroyObject(tx, ctx, id, object);
      progress = true;
    }
  }
  if (objectIds(tx, ctx).length === 0) dropContext(tx, ctx);
}

function dropContext(tx: Tx, ctx: number): void {
  putContext(tx, ctx, null);
  let { contexts } = tx.world;
  while (contexts.length > 0 && contexts.at(-1) === null) contexts = contexts.slice(0, -1);
  const world = copyWorld(tx.world);
  world.contexts = contexts;
  tx.world = world;
}

/** Gives back one reference to the context's file: a descriptor, a bound device or an event queue is gone. */
export function putContextRef(tx: Tx, ctx: number): void {
  const context = contextAt(tx, ctx);
  putContext(tx, ctx, withRefs(context, context.refs - 1));
  if (context.refs === 1) releaseContext(tx, ctx);
}

/** The file of an event queue goes: the queue and the context have one user less. */
export function releaseQueue(tx: Tx, { ctx, id }: QueueFile): void {
  addUsers(tx, ctx, id, -1);
  putContextRef(tx, ctx);
}
