import { copyWorld } from '../world/copy.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, iommuAt, putContext, putIommu, type Tx } from '../world/tx.ts';
import { endAccess, minPagesOn } from './access.ts';
import { withIopt, withRefs, withVdevice } from './copy.ts';
import { driverFor } from './drivers/registry.ts';
import { removeDomain } from './iopt.ts';
import { addUsers, getObject, mustGet, objectIds, putObject, removeObject } from './object-table.ts';
import type { HwptPaging, IommufdObject } from './objects.ts';

/** IOMMU_DESTROY: ENOENT for what is not there, EBUSY while anything refers to it (rule R-1). */
export function destroy(tx: Tx, ctx: number, id: number): Result {
  const object = getObject(tx, ctx, id);
  if (object === null) return refused('ENOENT');
  if (object.users !== 1) return refused('EBUSY');
  destroyObject(tx, ctx, id, object);
  return done();
}

/** Takes an object out of the table and gives back every reference that it held. */
export function destroyObject(tx: Tx, ctx: number, id: number, object: IommufdObject): void {
  removeObject(tx, ctx, id);
  switch (object.type) {
    case 'ioas':
      forgetCompatIoas(tx, ctx, id);
      return;
    case 'hwptPaging':
      leaveIoas(tx, ctx, id, object);
      dropFault(tx, ctx, object.fault);
      freeDomain(tx, object);
      addUsers(tx, ctx, object.ioas, -1);
      return;
    case 'hwptNested':
      dropFault(tx, ctx, object.fault);
      addUsers(tx, ctx, object.viommu ?? object.parent, -1);
      return;
    case 'viommu': {
      const parent = mustGet(tx, ctx, object.hwpt, 'hwptPaging');
      putIommu(
        tx,
        object.iommu,
        driverFor(tx.world.platform, object.iommu).freeViommu(
          iommuAt(tx, object.iommu),
          object.vmid,
          parent.domain,
        ),
      );
      addUsers(tx, ctx, object.hwpt, -1);
      return;
    }
    case 'vdevice': {
      const device = getObject(tx, ctx, object.devId);
      // Under defects the id may be another device's by now.
      if (device?.type === 'device' && device.vdevice === id) {
        putObject(tx, ctx, object.devId, withVdevice(device, null, -1));
      }
      addUsers(tx, ctx, object.viommu, -1);
      return;
    }
    case 'veventq':
      addUsers(tx, ctx, object.viommu, -1);
      return;
    case 'hwQueue': {
      endAccess(tx, ctx, object.access);
      removeObject(tx, ctx, object.access);
      if (object.previous !== null) addUsers(tx, ctx, object.previous, -1);
      addUsers(tx, ctx, object.viommu, -1);
      return;
    }
    // What it binds goes as the command ends.
    case 'selftest':
    // Bound devices have a reference of their driver's, and go another way.
    case 'device':
    case 'access':
    case 'fault':
      return;
  }
}

/** The domain's mappings and apertures leave the IOVA space. */
function leaveIoas(tx: Tx, ctx: number, id: number, hwpt: HwptPaging): void {
  const ioas = mustGet(tx, ctx, hwpt.ioas, 'ioas');
  const at = ioas.hwpts.indexOf(id);
  const hwpts = ioas.hwpts.filter((_, index) => index !== at);
  const minPages = minPagesOn(tx, ctx, hwpt.ioas, hwpts);
  const iopt = removeDomain(ioas.iopt, `hwpt:${id}`, minPages, tx.world.platform.kernel);
  putObject(tx, ctx, hwpt.ioas, withIopt(ioas, iopt, hwpts));
}

function freeDomain(tx: Tx, hwpt: HwptPaging): void {
  const { iommu } = hwpt.domain;
  putIommu(tx, iommu, driverFor(tx.world.platform, iommu).freePaging(iommuAt(tx, iommu), hwpt.domain));
}

function dropFault(tx: Tx, ctx: number, fault: number | null): void {
  if (fault !== null) addUsers(tx, ctx, fault, -1);
}

function forgetCompatIoas(tx: Tx, ctx: number, id: number): void {
  const context = contextAt(tx, ctx);
  if (context.compatIoas === id) putContext(tx, ctx, { ...context, compatIoas: null });
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
