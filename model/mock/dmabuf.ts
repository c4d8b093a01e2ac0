import type { CommandArgs } from '../world/command.ts';
import { fileOf, installFile } from '../world/files.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** Pages that a dma-buf may have. */
const MOST_PAGES = 512n;

/** Of no device: its memory is the kernel's. */
const NO_DEVICE = -1;

/** DMABUF_GET. */
export function mockDmabuf(tx: Tx, { length }: CommandArgs['mockDmabuf'], actor: string): Result {
  const { pins } = tx.world;
  const { pageSize } = tx.world.platform.kernel;
  const bytes = (BigInt(length) + pageSize - 1n) & ~(pageSize - 1n);
  if (pins === null || bytes === 0n || bytes > MOST_PAGES * pageSize) return refused('EINVAL');
  const free = pins.dmabufs.indexOf(null);
  const dmabuf = free < 0 ? pins.dmabufs.length : free;
  const dmabufs = [...pins.dmabufs];
  dmabufs[dmabuf] = { device: NO_DEVICE, revoked: false, bytes: Number(bytes) };
  tx.world = { ...tx.world, pins: { ...pins, dmabufs } };
  const fd = installFile(tx, actor, { kind: 'dmabuf', dmabuf });
  return done({ ret: fd, fd });
}

/** DMABUF_REVOKE: either way whoever maps it takes it out, and puts it back nowhere. */
export function mockRevoke(tx: Tx, args: CommandArgs['mockRevoke'], actor: string): Result {
  const { pins } = tx.world;
  const of = fileOf(tx, actor, args.dmabufFd)?.of;
  if (of === undefined) return refused('EBADF');
  const old = of.kind === 'dmabuf' ? (pins?.dmabufs[of.dmabuf] ?? null) : null;
  if (pins === null || of.kind !== 'dmabuf' || old === null) return refused('EINVAL');
  if (old.bytes === undefined) return refused('EOPNOTSUPP');
  const { dmabuf } = of;
  const dmabufs = pins.dmabufs.with(dmabuf, { ...old, revoked: args.revoked !== 0 });
  const mapped = pins.mapped.filter((each) => each.dmabuf !== dmabuf);
  tx.world = { ...tx.world, pins: { ...pins, dmabufs, mapped } };
  return done();
}
