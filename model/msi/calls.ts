import type { ReservedRegion } from '../iommufd/drivers/driver.ts';
import { driverOfDevice } from '../iommufd/drivers/registry.ts';
import { mmapIts, munmapIts } from '../iommufd/its-file.ts';
import { regionsOf } from '../legacy/regions.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { ioasMapMsi } from './ioas-map-msi.ts';
import { prepareMsi } from './prepare.ts';
import { beginSetIrqs, endSetIrqs } from './threads.ts';

/** A call on a bound device file: what it is about, or why not. */
function onDevice(
  tx: Tx,
  fd: number,
  actor: string,
  then: (device: number, binding: Binding) => Result,
): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (file.of.kind !== 'cdev') return refused('ENOTTY');
  return file.of.bound === null ? refused('EINVAL') : then(file.of.device, file.of.bound);
}

function wordsOf({ start, last, swMsi }: ReservedRegion): readonly bigint[] {
  return [start, last, swMsi ? 1n : 0n];
}

/** The calls about MSIs that go to no ioctl table. */
export const MSI_CALLS = {
  beginSetIrqs: (tx: Tx, { fd }: CommandArgs['beginSetIrqs'], actor: string): Result =>
    onDevice(tx, fd, actor, (device, binding) => beginSetIrqs(tx, device, binding)),

  endSetIrqs: (tx: Tx, { fd }: CommandArgs['endSetIrqs'], actor: string): Result =>
    onDevice(tx, fd, actor, (device, binding) => endSetIrqs(tx, device, binding)),

  vfioPrepareMsi: (tx: Tx, args: CommandArgs['vfioPrepareMsi'], actor: string): Result =>
    onDevice(tx, args.fd, actor, (device, binding) => prepareMsi(tx, device, binding, args)),

  ioasMapMsi(tx: Tx, args: CommandArgs['ioasMapMsi'], actor: string): Result {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    return file.of.kind === 'iommufd' ? ioasMapMsi(tx, file.of.ctx, args) : refused('ENOTTY');
  },

  mmapIts,
  munmapIts,

  /** First and last address of each region, and 1 for the window in which the kernel places doorbells. */
  readReserved(tx: Tx, { device: id }: CommandArgs['readReserved']): Result {
    const { platform } = tx.world;
    const device = platform.devices.findIndex((each) => each.id === id);
    if (device < 0) {
      const group = platform.legacy?.groups.findIndex(({ devices }) => devices.includes(id)) ?? -1;
      return group < 0 ? refused('ENOENT') : done({ data: regionsOf(platform, group).flatMap(wordsOf) });
    }
    const regions = driverOfDevice(platform, device)
      .reservedRegions(platform, device)
      .filter(({ swMsi }) => !swMsi || tx.rules.msi.doorbellPlace === 'window');
    return done({ data: regions.flatMap(wordsOf) });
  },
};
