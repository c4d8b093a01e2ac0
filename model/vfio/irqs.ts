import type { Errno } from '../../spec/errno.ts';
import { VFIO_IRQ_INFO, VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { readBytes } from '../iommufd/user-data.ts';
import { composeMessages } from '../msi/compose.ts';
import { waitForThreads } from '../msi/threads.ts';
import type { Platform } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

const DATA_TYPES = VFIO_IRQ_SET.DATA_NONE | VFIO_IRQ_SET.DATA_BOOL | VFIO_IRQ_SET.DATA_EVENTFD;
const ACTIONS = VFIO_IRQ_SET.ACTION_MASK | VFIO_IRQ_SET.ACTION_UNMASK | VFIO_IRQ_SET.ACTION_TRIGGER;

/** Bytes of data per interrupt, by data type. */
const DATA_BYTES: ReadonlyMap<number, number> = new Map([
  [VFIO_IRQ_SET.DATA_NONE, 0],
  [VFIO_IRQ_SET.DATA_BOOL, 1],
  [VFIO_IRQ_SET.DATA_EVENTFD, 4],
]);

const FD_BYTES = 4;

/** -1, as the struct holds it. */
const NO_FD = 0xffff_ffffn;

/** VFIO_DEVICE_GET_IRQ_INFO of the MSI index; other interrupts of a device are not modelled. */
export function vfioGetIrqInfo(
  tx: Tx,
  device: number,
  _binding: Binding,
  args: CommandArgs['vfioGetIrqInfo'],
): Result {
  if (args.index !== VFIO_PCI.MSI_IRQ) return refused('EINVAL');
  return done({ flags: VFIO_IRQ_INFO.EVENTFD | VFIO_IRQ_INFO.NORESIZE, count: vectorsOf(tx, device) });
}

/** VFIO_DEVICE_SET_IRQS: enables MSI vectors, which gives the doorbell a place in the window, or disables them. */
export function vfioSetIrqs(
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs['vfioSetIrqs'],
  actor: string,
): Result {
  if (args.index !== VFIO_PCI.MSI_IRQ || (args.flags & ~(DATA_TYPES | ACTIONS)) !== 0)
    return refused('EINVAL');
  const vectors = vectorsOf(tx, device);
  if (args.start >= vectors || args.start + args.count > vectors) return refused('EINVAL');
  const bytes = DATA_BYTES.get(args.flags & DATA_TYPES);
  if (bytes === undefined) return refused('EINVAL');
  if (args.argsz - VFIO_IOCTLS.vfioSetIrqs.minSize < args.count * bytes) return refused('EINVAL');
  if ((args.flags & ACTIONS) !== VFIO_IRQ_SET.ACTION_TRIGGER) return refused('ENOTTY');
  waitForThreads(tx, binding);
  const state = deviceAt(tx, device);
  const isOn = state.messages.length > 0;
  if (args.count === 0 && (args.flags & VFIO_IRQ_SET.DATA_NONE) !== 0) {
    if (isOn) putDevice(tx, device, { ...state, messages: [] });
    return isOn ? done() : refused('EINVAL');
  }
  if ((args.flags & VFIO_IRQ_SET.DATA_EVENTFD) === 0) return isOn ? done() : refused('EINVAL');
  // MSI's vectors are allocated together: those that are on are not written again, and no more can be had.
  const errno = checkEventfds(tx, args, actor, isOn ? state.messages.length : vectors);
  if (errno !== null) return refused(errno);
  if (isOn) return done();
  const messages = composeMessages(tx, device, binding, args.start + args.count);
  if (typeof messages === 'string') return refused(messages);
  putDevice(tx, device, { ...deviceAt(tx, device), messages });
  return done();
}

/** Every vector's descriptor must be an eventfd, and the vector be there; -1 takes the vector's away. */
function checkEventfds(
  tx: Tx,
  args: CommandArgs['vfioSetIrqs'],
  actor: string,
  vectors: number,
): Errno | null {
  for (let i = 0; i < args.count; i++) {
    const fd = args.data === null ? null : readBytes(args.data, i * FD_BYTES, FD_BYTES);
    if (fd === null) return 'EFAULT';
    if (fd === NO_FD) continue;
    const file = fileOf(tx, actor, Number(fd));
    if (file === null) return 'EBADF';
    if (file.of.kind !== 'other' || args.start + i >= vectors) return 'EINVAL';
  }
  return null;
}

function vectorsOf(tx: Tx, device: number): number {
  return (tx.world.platform.devices[device] as Platform['devices'][number]).msiVectors;
}
