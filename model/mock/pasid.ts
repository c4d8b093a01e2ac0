import type { Errno } from '../../spec/errno.ts';
import { MOCK_BAD_PASID } from '../../spec/iommufd/selftest.ts';
import { attachDevice, attachTwice, detachDevice, isAttached } from '../iommufd/attach.ts';
import { attachPageTable } from '../iommufd/auto-domain.ts';
import { igroupOf } from '../iommufd/group.ts';
import { type MockDevice, mockOf, putMockDevice } from '../iommufd/mock-state.ts';
import { getObject, getOf } from '../iommufd/object-table.ts';
import type { Selftest } from '../iommufd/objects.ts';
import { attachPasid, detachPasid } from '../iommufd/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { groupAt, type Tx } from '../world/tx.ts';
import { replaceRid } from './devices.ts';

/** Which iommufd tells requests without PASID by. */
const NO_PASID = 0;

function groupOf(tx: Tx, { device }: Selftest): number {
  return (tx.world.platform.devices[device] as { readonly group: number }).group;
}

function hasPasid(tx: Tx, ctx: number, object: Selftest, pasid: number): boolean {
  const found = igroupOf(tx, ctx, groupOf(tx, object)).pasids.find((each) => each.pasid === pasid);
  return found?.devices.includes(object.devId) === true;
}

/** PASID_ATTACH (iommufd_device_attach()): of what is attached EBUSY. */
export function mockPasidAttach(tx: Tx, ctx: number, args: CommandArgs['mockPasidAttach']): Result {
  const object = getOf(tx, ctx, args.stdevId, 'selftest');
  if (object === null) return refused('ENOENT');
  const { devId } = object;
  if (args.pasid === NO_PASID) {
    const attach = isAttached(tx, ctx, devId) ? attachTwice : attachDevice;
    return answer(attach(tx, ctx, devId, args.ptId));
  }
  if (hasPasid(tx, ctx, object, args.pasid))
    return answer(attachPageTable(tx, ctx, devId, args.ptId, () => 'EBUSY', true));
  return place(tx, ctx, object, args.pasid, args.ptId);
}

/** PASID_REPLACE (iommufd_device_replace()): of what is not attached EINVAL. */
export function mockPasidReplace(tx: Tx, ctx: number, args: CommandArgs['mockPasidReplace']): Result {
  const object = getOf(tx, ctx, args.stdevId, 'selftest');
  if (object === null) return refused('ENOENT');
  const { devId } = object;
  if (args.pasid === NO_PASID) return answer(replaceRid(tx, ctx, devId, args.ptId));
  if (!hasPasid(tx, ctx, object, args.pasid))
    return answer(attachPageTable(tx, ctx, devId, args.ptId, () => 'EINVAL', false));
  return place(tx, ctx, object, args.pasid, args.ptId);
}

function answer(hwptId: number | Errno): Result {
  return typeof hwptId === 'string' ? refused(hwptId) : done({ ptId: hwptId });
}

/** Attaches, unless the driver is in the mood to refuse this PASID: every other time in a row. */
function place(tx: Tx, ctx: number, object: Selftest, pasid: number, ptId: number): Result {
  const before = tx.world;
  const placed = attachPasid(tx, ctx, object.devId, pasid, ptId);
  const asked = typeof placed !== 'string' && pasid === MOCK_BAD_PASID && hwptOf(tx, object) !== null;
  if (!asked || sameHwpt(before, tx, object)) return answer(placed);
  // The device is there for as long as its object.
  const state = mockOf(tx).devices[object.device] as MockDevice;
  const refuses = state.refusesPasid;
  if (refuses) tx.world = before;
  putMockDevice(tx, object.device, { ...state, refusesPasid: !refuses });
  if (!refuses) return answer(placed);
  tx.keep = true;
  return refused('ENOMEM');
}

function hwptOf(tx: Tx, object: Selftest): number | null {
  const { pasids } = groupAt(tx, groupOf(tx, object));
  return pasids.find(({ pasid }) => pasid === MOCK_BAD_PASID)?.hwpt ?? null;
}

/** Whether it was there before, so that the driver is not asked at all. */
function sameHwpt(before: Tx['world'], tx: Tx, object: Selftest): boolean {
  const old = before.groups[groupOf(tx, object)]?.pasids.find(({ pasid }) => pasid === MOCK_BAD_PASID);
  return old?.hwpt === hwptOf(tx, object);
}

/** PASID_DETACH: of what is not attached nothing. */
export function mockPasidDetach(tx: Tx, ctx: number, args: CommandArgs['mockPasidDetach']): Result {
  const object = getOf(tx, ctx, args.stdevId, 'selftest');
  if (object === null) return refused('ENOENT');
  if (args.pasid === NO_PASID) {
    if (isAttached(tx, ctx, object.devId)) detachDevice(tx, ctx, object.devId);
    return done();
  }
  const had = hasPasid(tx, ctx, object, args.pasid);
  detachPasid(tx, ctx, object.devId, args.pasid);
  const state = mockOf(tx).devices[object.device];
  if (had && args.pasid === MOCK_BAD_PASID && state?.refusesPasid === true)
    putMockDevice(tx, object.device, { ...state, refusesPasid: false });
  return done();
}

/** PASID_CHECK_HWPT: whether the PASID is on this HWPT; 0: on none. */
export function mockPasidCheck(tx: Tx, ctx: number, args: CommandArgs['mockPasidCheck']): Result {
  const object = getOf(tx, ctx, args.stdevId, 'selftest');
  if (object === null) return refused('ENOENT');
  const { domain, pasids } = groupAt(tx, groupOf(tx, object));
  const rid = domain.kind === 'hwpt' ? domain.hwpt : null;
  const on = args.pasid === NO_PASID ? rid : (pasids.find(({ pasid }) => pasid === args.pasid)?.hwpt ?? null);
  if (args.hwptId === 0) return on === null ? done() : refused('EINVAL');
  const hwpt = getObject(tx, ctx, args.hwptId);
  if (hwpt === null) return refused('ENOENT');
  if (hwpt.type !== 'hwptPaging' && hwpt.type !== 'hwptNested') return refused('EINVAL');
  return on === args.hwptId ? done() : refused('EINVAL');
}
