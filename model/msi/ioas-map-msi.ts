import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { firstOverlap, insertSorted } from '../iommufd/interval.ts';
import type { Area } from '../iommufd/iopt/table.ts';
import { getOf, putObject } from '../iommufd/object-table.ts';
import { doorbellPages, itsOf } from '../platform/doorbell.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/**
 * IOAS_MAP_MSI(device, IOVA): the doorbells of the device's ITS become an area of the IOAS; the kernel finds the physical
 * pages by the device. A second device of the same ITS has nothing left to do; one of another ITS finds the place taken,
 * EEXIST. A range that has no room for all doorbells is EINVAL.
 */
export function ioasMapMsi(tx: Tx, ctx: number, args: CommandArgs['ioasMapMsi']): Result {
  if (tx.rules.msi.doorbellPlace !== 'asked-for') return refused('ENOTTY');
  const { platform } = tx.world;
  const { pageSize } = platform.kernel;
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  const device = getOf(tx, ctx, args.devId, 'device');
  if (ioas === null || device === null) return refused('ENOENT');
  if (args.length === 0n || (args.iova | args.length) % pageSize !== 0n) return refused('EINVAL');
  if (args.iova + args.length > ULONG_MAX) return refused('EOVERFLOW');
  const its = itsOf(platform, device.device);
  const index = (platform.devices[device.device] as DeviceHardware).its;
  const size = BigInt(doorbellPages(its)) * pageSize;
  const length = args.length < size ? args.length : size;
  const last = args.iova + length - 1n;
  const { iopt } = ioas;
  if (firstOverlap(iopt.reserved, args.iova, last) !== undefined) return refused('EINVAL');
  const there = iopt.areas.filter((area) => area.start <= last && args.iova <= area.last);
  if (there.length === 1 && there[0]?.start === args.iova && there[0].doorbell?.its === index) return done();
  const split = tx.rules.msi.doorbellsSplitHwpts && there.every(({ doorbell }) => doorbell != null);
  if (there.length > 0 && !split) return refused('EEXIST');
  if (args.length < size && tx.rules.msi.mapMsiChecksLength) return refused('EINVAL');
  const area: Area = {
    start: args.iova,
    last,
    va: 0n,
    readable: true,
    writeable: true,
    pagesWriteable: true,
    doorbell: { page: its.doorbell, its: index },
  };
  putObject(tx, ctx, args.ioasId, { ...ioas, iopt: { ...iopt, areas: insertSorted(iopt.areas, area) } });
  return done();
}
