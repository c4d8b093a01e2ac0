import { BLOCKED_DOMAIN, DEFAULT_DOMAIN } from '../host/device.ts';
import { deviceAt, groupAt, putDevice, putGroup, type Tx } from '../world/tx.ts';
import { destroyObject } from './destroy.ts';
import { joinGroup, leaveGroup } from './group.ts';
import { allocObject, buryObject, getObject, mustGet, removeObject } from './object-table.ts';

/** A bound device has the table's reference and its driver's, so that no DESTROY can take it. */
const BOUND_USERS = 2;

/** The group of a device is owned by another context. */
export function isOwnedElsewhere(tx: Tx, ctx: number, device: number): boolean {
  const { owner } = groupAt(tx, groupOf(tx, device));
  return owner !== null && owner !== ctx && tx.rules.iommufd.groupOwnerIsExclusive;
}

/** iommufd_device_bind(), once nothing speaks against it: the DEVICE object, and the group's ownership. */
export function bindDevice(tx: Tx, ctx: number, device: number): number {
  const group = groupOf(tx, device);
  const state = groupAt(tx, group);
  const devId = allocObject(tx, ctx, { type: 'device', users: BOUND_USERS, device, vdevice: null });
  joinGroup(tx, ctx, group, devId);
  putGroup(tx, group, {
    ...state,
    owner: ctx,
    owners: state.owners + 1,
    domain: state.owner === null ? BLOCKED_DOMAIN : state.domain,
  });
  putDevice(tx, device, { ...deviceAt(tx, device), opened: true });
  return devId;
}

/** iommufd_device_unbind() of a device that is detached: the DEVICE object and the group's ownership are given back. */
export function unbindDevice(tx: Tx, ctx: number, devId: number): void {
  const { device } = mustGet(tx, ctx, devId, 'device');
  const group = groupOf(tx, device);
  removeObject(tx, ctx, devId);
  leaveGroup(tx, ctx, group, devId);
  const state = groupAt(tx, group);
  putGroup(
    tx,
    group,
    state.owners === 1
      ? { ...state, owner: null, owners: 0, domain: DEFAULT_DOMAIN }
      : { ...state, owners: state.owners - 1 },
  );
}

/** The device's vDEVICE goes before it, and leaves a tombstone (rule R-6). */
export function destroyVdeviceOf(tx: Tx, ctx: number, devId: number): void {
  const { vdevice } = mustGet(tx, ctx, devId, 'device');
  if (vdevice === null || !tx.rules.iommufd.unbindDestroysVdevice) return;
  const object = getObject(tx, ctx, vdevice);
  if (object !== null) destroyObject(tx, ctx, vdevice, object);
  buryObject(tx, ctx, vdevice);
}

function groupOf(tx: Tx, device: number): number {
  return (tx.world.platform.devices[device] as { readonly group: number }).group;
}
