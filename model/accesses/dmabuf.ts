import type { DmabufMapping, Pins } from '../iommufd/pins.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf, installFile } from '../world/files.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { Holding } from './holdings.ts';

/** A bound device's BAR0 as a dma-buf (VFIO_DEVICE_FEATURE_DMA_BUF). */
export function exportBar(tx: Tx, { fd }: CommandArgs['exportBar'], actor: string): Result {
  const { pins } = tx.world;
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (file.of.kind !== 'cdev' || pins === null) return refused('ENOTTY');
  const { device, bound } = file.of;
  if (bound === null) return refused('EINVAL');
  const free = pins.dmabufs.indexOf(null);
  const dmabuf = free < 0 ? pins.dmabufs.length : free;
  const dmabufs = [...pins.dmabufs];
  dmabufs[dmabuf] = { device, revoked: false };
  tx.world = { ...tx.world, pins: { ...pins, dmabufs } };
  return done({ fd: installFile(tx, actor, { kind: 'dmabuf', dmabuf }) });
}

/** The device's owner takes it back: from here on no domain maps what was exported of it (iopt_revoke_notify()). */
export function revokeDmabufs(tx: Tx, device: number): void {
  const { pins } = tx.world;
  if (pins === null) return;
  const dmabufs = pins.dmabufs.map((each) => (each?.device === device ? { device, revoked: true } : each));
  const mapped = pins.mapped.filter(({ dmabuf }) => dmabufs[dmabuf]?.revoked === false);
  tx.world = { ...tx.world, pins: { ...pins, dmabufs, mapped } };
}

/** Maps dma-bufs into domains that come, unless they were revoked, and takes them from those that go. */
export function settleDmabufs(
  tx: Tx,
  pins: Pins,
  was: ReadonlyMap<string, Holding>,
  is: ReadonlyMap<string, Holding>,
): Pins {
  const mapped: DmabufMapping[] = [];
  for (const [key, { ctx, area, hwpts }] of is) {
    const { start, last, dmabuf } = area;
    if (dmabuf === undefined) continue;
    const revoked = pins.dmabufs[dmabuf]?.revoked !== false;
    for (const hwpt of hwpts) {
      const before = pins.mapped.find(
        (each) => each.ctx === ctx && each.hwpt === hwpt && each.start === start,
      );
      const comes = was.get(key)?.hwpts.includes(hwpt) !== true;
      const fills = comes && (!revoked || tx.rules.accesses.mapsRevoked);
      if (before !== undefined || fills) mapped.push({ ctx, hwpt, start, last, dmabuf });
    }
  }
  return { pages: pins.pages, dmabufs: stillUsed(tx, pins, is), mapped };
}

/** A dma-buf lives as long as a file of it or an area. */
function stillUsed(tx: Tx, pins: Pins, is: ReadonlyMap<string, Holding>): Pins['dmabufs'] {
  const mapped = new Set([...is.values()].map(({ area }) => area.dmabuf));
  const dmabufs = pins.dmabufs.map((each, index) => {
    const open = tx.world.files.some((file) => file?.of.kind === 'dmabuf' && file.of.dmabuf === index);
    return open || mapped.has(index) ? each : null;
  });
  while (dmabufs.length > 0 && dmabufs.at(-1) === null) dmabufs.pop();
  return dmabufs;
}
