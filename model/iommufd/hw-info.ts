import { HW_CAP, HW_INFO, HW_INFO_TYPE } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { driverOfDevice } from './drivers/registry.ts';
import { getOf } from './object-table.ts';

/** Bytes. */
const MOST_TOLD = 4096;

/**
 * IOMMU_GET_HW_INFO: as much of the driver's data as fits, the rest of the buffer cleared, and its
 * full length; and what the device itself has: PASIDs, ATS.
 */
export function getHwInfo(tx: Tx, ctx: number, args: CommandArgs['getHwInfo']): Result {
  if ((args.flags & ~HW_INFO.INPUT_TYPE) !== 0) return refused('EOPNOTSUPP');
  if (args.reserved !== 0 || args.reserved2 !== 0 || args.reserved3 !== 0) return refused('EOPNOTSUPP');
  const device = getOf(tx, ctx, args.devId, 'device');
  if (device === null) return refused('ENOENT');
  const { platform } = tx.world;
  const driver = driverOfDevice(platform, device.device);
  const asked = (args.flags & HW_INFO.INPUT_TYPE) === 0 ? HW_INFO_TYPE.DEFAULT : args.dataType;
  const info = driver.hwInfo(platform, device.device, asked);
  if (typeof info === 'string') return refused(info);
  if (args.dataLen > 0 && args.dataUptr !== 'buffer') return refused('EFAULT');
  const { ats = false } = platform.devices[device.device] as (typeof platform.devices)[number];
  const maxPasids = driver.maxPasids(platform, device.device);
  const dirty = driver.dirtyTracking(platform, device.device, tx.rules) ? HW_CAP.DIRTY_TRACKING : 0n;
  return done({
    dataLen: info.length,
    dataType: info.type,
    outMaxPasidLog2: maxPasids === 0 ? 0 : Math.log2(maxPasids),
    outCapabilities: dirty | (ats ? 0n : HW_CAP.PCI_ATS_NOT_SUPPORTED),
    // What the caller has room for beyond the kernel's data is cleared; no more than a page of it is told.
    data: Array.from(
      { length: Math.ceil(Math.min(args.dataLen, MOST_TOLD) / 8) },
      (_, index) => info.words[index] ?? 0n,
    ),
  });
}
