import type { Errno } from '../../../spec/errno.ts';
import { itsOf, translatedItsOf } from '../../platform/doorbell.ts';
import type { DeviceHardware, Platform } from '../../platform/platform.ts';
import { contextAt, type Tx } from '../../world/tx.ts';
import { getOf, mustGet } from '../object-table.ts';
import type { HwptPaging } from '../objects.ts';
import { pagingUnder } from './sw-msi.ts';

/**
 * Why a device's MSIs keep it from a domain that guests nest on: another device there has its doorbell elsewhere, or no
 * IOMMU translates them. EINVAL, as from a driver's attach.
 */
export function nestedMsiErrno(tx: Tx, ctx: number, paging: number, device: number): Errno | null {
  const { rules, world } = tx;
  const hwpt = mustGet(tx, ctx, paging, 'hwptPaging');
  if (!hwpt.nestParent) return null;
  if (!hasDoorbellsOf(world.platform, hwpt, device)) return 'EINVAL';
  if (itsOf(world.platform, device).untranslated === true && !rules.msi.nestsUntranslatedMsi) return 'EINVAL';
  if (rules.msi.domainTakesSeveralDoorbells) return null;
  const { its } = world.platform.devices[device] as DeviceHardware;
  return devicesOn(tx, ctx, paging).some((other) => other.its !== its) ? 'EINVAL' : null;
}

/** Whether a paging HWPT maps the doorbells of a device's ITS, or may. */
export function hasDoorbellsOf(platform: Platform, { doorbellsOf }: HwptPaging, device: number): boolean {
  const its = translatedItsOf(platform, device);
  return doorbellsOf === null || its === null || its === doorbellsOf;
}

/** The attached devices whose DMA ends in a paging HWPT. */
function devicesOn(tx: Tx, ctx: number, paging: number): readonly DeviceHardware[] {
  return contextAt(tx, ctx).groups.flatMap(({ attach }) => {
    if (attach === null || pagingUnder(tx, ctx, attach.hwpt) !== paging) return [];
    return attach.devices.flatMap((id) => {
      const object = getOf(tx, ctx, id, 'device');
      const hardware = object === null ? undefined : tx.world.platform.devices[object.device];
      return hardware === undefined ? [] : [hardware];
    });
  });
}
