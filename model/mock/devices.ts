import { MOCK_DEVICE } from '../../spec/iommufd/selftest.ts';
import { IDLE_DEVICE } from '../host/device.ts';
import { attachDevice, detachDevice, isAttached } from '../iommufd/attach.ts';
import { attachPageTable } from '../iommufd/auto-domain.ts';
import { releaseContext } from '../iommufd/destroy.ts';
import { bindDevice, destroyVdeviceOf, unbindDevice } from '../iommufd/device.ts';
import { igroupOf } from '../iommufd/group.ts';
import { mockOf, NEW_MOCK_DEVICE, putMockDevice } from '../iommufd/mock-state.ts';
import { allocObject, getOf, mustGet, putObject } from '../iommufd/object-table.ts';
import type { Selftest } from '../iommufd/objects.ts';
import { detachPasid } from '../iommufd/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putDevice, type Tx } from '../world/tx.ts';
import type { World } from '../world/world.ts';

const FLAGS = MOCK_DEVICE.NO_DIRTY | MOCK_DEVICE.PASID;

/** iommufd_test_mock_domain(): a device comes, is bound and attached, and goes with the object that is made of it. */
export function mockDomain(tx: Tx, ctx: number, ptId: number, flags: number): Result {
  const before = tx.world;
  // The object's id is taken before those of the device and of an automatic HWPT.
  const stdevId = allocObject(tx, ctx, { type: 'selftest', users: 1, devId: 0, device: 0 });
  if ((flags & ~FLAGS) !== 0) return refused('EINVAL');
  const device = freeDevice(tx, flags);
  if (device < 0) return refused('ENOMEM');
  putMockDevice(tx, device, NEW_MOCK_DEVICE);
  const devId = bindDevice(tx, ctx, device);
  putObject(tx, ctx, stdevId, { type: 'selftest', users: 1, devId, device });
  const hwptId = attachDevice(tx, ctx, devId, ptId);
  if (typeof hwptId === 'string') {
    tx.world = before;
    tx.keep = false;
    return refused(hwptId);
  }
  return done({ outStdevId: stdevId, outHwptId: hwptId, outIdevId: devId });
}

/** The first of the platform's devices that would be made like this and is not there. */
function freeDevice(tx: Tx, flags: number): number {
  const { devices } = mockOf(tx);
  return tx.world.platform.devices.findIndex(
    ({ mock }, device) => mock === flags && (devices[device] ?? null) === null,
  );
}

/** MOCK_DOMAIN_REPLACE (iommufd_device_replace()). */
export function mockReplace(tx: Tx, ctx: number, { stdevId, ptId }: CommandArgs['mockReplace']): Result {
  const object = getOf(tx, ctx, stdevId, 'selftest');
  if (object === null) return refused('ENOENT');
  const hwptId = replaceRid(tx, ctx, object.devId, ptId);
  return typeof hwptId === 'string' ? refused(hwptId) : done({ ptId: hwptId });
}

/** What is not attached cannot be replaced: EINVAL, once there is something to replace it by. */
export function replaceRid(
  tx: Tx,
  ctx: number,
  devId: number,
  ptId: number,
): ReturnType<typeof attachDevice> {
  return isAttached(tx, ctx, devId)
    ? attachDevice(tx, ctx, devId, ptId)
    : attachPageTable(tx, ctx, devId, ptId, () => 'EINVAL', false);
}

/** The devices whose objects are gone go too (iommufd_selftest_destroy()), and with the last of them a context that is closed. */
export function settleDevices(before: World, tx: Tx): void {
  for (const [ctx, old] of before.contexts.entries()) {
    if (old === null || old === tx.world.contexts[ctx]) continue;
    const gone = old.objects.flatMap((slot, id) =>
      slot?.type === 'selftest' && !isThere(tx, ctx, id, slot) ? [slot] : [],
    );
    for (const each of gone) dropDevice(tx, ctx, each);
    if (gone.length > 0 && contextAt(tx, ctx).refs === 0) releaseContext(tx, ctx);
  }
}

function isThere(tx: Tx, ctx: number, id: number, { devId }: Selftest): boolean {
  return getOf(tx, ctx, id, 'selftest')?.devId === devId;
}

function dropDevice(tx: Tx, ctx: number, { devId, device }: Selftest): void {
  if (getOf(tx, ctx, devId, 'device') === null) return;
  const { group } = tx.world.platform.devices[device] as { readonly group: number };
  for (const { pasid } of igroupOf(tx, ctx, group).pasids) detachPasid(tx, ctx, devId, pasid);
  if (isAttached(tx, ctx, devId)) detachDevice(tx, ctx, devId);
  if (mustGet(tx, ctx, devId, 'device').vdevice !== null) destroyVdeviceOf(tx, ctx, devId);
  unbindDevice(tx, ctx, devId);
  putDevice(tx, device, IDLE_DEVICE);
  putMockDevice(tx, device, null);
}
