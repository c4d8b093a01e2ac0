import { contextAt, putContext, type Tx } from '../world/tx.ts';
import { type Slot, TOMBSTONE } from './context.ts';
import { copyContext, withUsers } from './copy.ts';
import type { IommufdObject, ObjectOf, ObjectType } from './objects.ts';

/** The object behind an id; null where there is none (never made, destroyed, or a tombstone). */
export function getObject(tx: Tx, ctx: number, id: number): IommufdObject | null {
  const slot = contextAt(tx, ctx).objects[id] ?? null;
  return slot === null || slot.type === 'tombstone' ? null : slot;
}

/** The object behind an id if it is of the wanted type; else null, which every caller answers with ENOENT. */
export function getOf<T extends ObjectType>(tx: Tx, ctx: number, id: number, type: T): ObjectOf<T> | null {
  const object = getObject(tx, ctx, id);
  return object?.type === type ? (object as ObjectOf<T>) : null;
}

/** An object that an edge in the table vouches for. */
export function mustGet<T extends ObjectType>(tx: Tx, ctx: number, id: number, type: T): ObjectOf<T> {
  const object = getOf(tx, ctx, id, type);
  if (object === null) throw new Error(`object ${id} is no ${type}: the table is corrupt`);
  return object;
}

function setSlot(tx: Tx, ctx: number, id: number, slot: Slot): void {
  const context = contextAt(tx, ctx);
  const next = copyContext(context);
  const objects = context.objects.slice();
  // Objects that went before in the same command can have left the table shorter than the id.
  while (objects.length < id) objects.push(null);
  objects[id] = slot;
  while (objects.length > 1 && objects.at(-1) === null) objects.pop();
  next.objects = objects;
  putContext(tx, ctx, next);
}

export function putObject(tx: Tx, ctx: number, id: number, object: IommufdObject): void {
  setSlot(tx, ctx, id, object);
}

export function removeObject(tx: Tx, ctx: number, id: number): void {
  setSlot(tx, ctx, id, null);
}

/** Keeps an id from being given out again while the context lives (rule R-6). */
export function buryObject(tx: Tx, ctx: number, id: number): void {
  setSlot(tx, ctx, id, TOMBSTONE);
}

/** Adds an object under the lowest free id; ids start at 1 and those of destroyed objects are used again. */
export function allocObject(tx: Tx, ctx: number, object: IommufdObject): number {
  const { objects } = contextAt(tx, ctx);
  let id = 1;
  while (id < objects.length && !isFree(tx, objects[id] ?? null)) id++;
  setSlot(tx, ctx, id, object);
  return id;
}

function isFree(tx: Tx, slot: Slot): boolean {
  return slot === null || (slot.type === 'tombstone' && tx.rules.iommufd.tombstoneIsFree);
}

/** Takes (`by` > 0) or gives back references to an object. */
export function addUsers(tx: Tx, ctx: number, id: number, by: number): void {
  const object = getObject(tx, ctx, id);
  if (object === null) throw new Error(`object ${id} is gone: the table is corrupt`);
  setSlot(tx, ctx, id, withUsers(object, object.users + by));
}

/** Every id with an object, ascending. */
export function objectIds(tx: Tx, ctx: number): readonly number[] {
  const ids: number[] = [];
  contextAt(tx, ctx).objects.forEach((slot, id) => {
    if (slot !== null && slot.type !== 'tombstone') ids.push(id);
  });
  return ids;
}

/** The table itself, for walks over it. */
export function contextObjects(tx: Tx, ctx: number): readonly Slot[] {
  return contextAt(tx, ctx).objects;
}
