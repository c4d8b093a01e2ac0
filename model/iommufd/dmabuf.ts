import type { Errno } from '../../spec/errno.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import { fileOf } from '../world/files.ts';
import type { Tx } from '../world/tx.ts';

/** The dma-buf behind a descriptor of IOAS_MAP_FILE, if the range is in it (iopt_alloc_dmabuf_pages()). */
export function dmabufBehind(
  tx: Tx,
  actor: string,
  fd: number,
  start: bigint,
  length: bigint,
): number | Errno {
  const of = fileOf(tx, actor, fd)?.of;
  if (of?.kind !== 'dmabuf') return of === undefined ? 'EBADF' : 'EINVAL';
  const exported = tx.world.pins?.dmabufs[of.dmabuf] ?? null;
  if (exported === null) return 'EINVAL';
  const bytes = exported.bytes ?? (tx.world.platform.devices[exported.device] as DeviceHardware).bar0Size;
  if (start + length > BigInt(bytes)) return 'EINVAL';
  // Nothing can be attached to what is revoked.
  return exported.revoked ? 'ENODEV' : of.dmabuf;
}
