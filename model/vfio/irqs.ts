import type { Errno } from '../../spec/errno.ts';
import { VFIO_IRQ_INFO, VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { readBytes } from '../iommufd/user-data.ts';
import { composeMessages } from '../msi/compose.ts';
import { waitForThreads } from '../msi/threads.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';
import { linesOf, setIntx, setSingle } from './lines.ts';

const DATA_TYPES = VFIO_IRQ_SET.DATA_NONE | VFIO_IRQ_SET.DATA_BOOL | VFIO_IRQ_SET.DATA_EVENTFD;
const ACTIONS = VFIO_IRQ_SET.ACTION_MASK | VFIO_IRQ_SET.ACTION_UNMASK | VFIO_IRQ_SET.ACTION_TRIGGER;

/** Bytes of data per interrupt, by data type. */
const DATA_BYTES: ReadonlyMap<number, number> = new Map([
  [VFIO_IRQ_SET.DATA_NONE, 0],
  [VFIO_IRQ_SET.DATA_BOOL, 1],
  [VFIO_IRQ_SET.DATA_EVENTFD, 4],
]);

const FD_BYTES = 4;

const CONVENTIONAL_CONFIG = 256;

/** -1, as the struct holds it. */
const NO_FD = 0xffff_ffffn;

/** VFIO_DEVICE_GET_IRQ_INFO (vfio_pci_ioctl_get_irq_info()): errors are told of on PCI Express only. */
export function vfioGetIrqInfo(
  tx: Tx,
  device: number,
  _binding: Binding,
  args: CommandArgs['vfioGetIrqInfo'],
): Result {
  const { index } = args;
  if (index >= VFIO_PCI.NUM_IRQS) return refused('EINVAL');
  if (index === VFIO_PCI.ERR_IRQ && !isExpress(tx, device)) return refused('EINVAL');
  const { EVENTFD, MASKABLE, AUTOMASKED, NORESIZE } = VFIO_IRQ_INFO;
  const flags = EVENTFD | (index === VFIO_PCI.INTX_IRQ ? MASKABLE | AUTOMASKED : NORESIZE);
  return done({ flags, count: countOf(tx, device, index) });
}

/** How many interrupts of an index a device has (vfio_pci_get_irq_count()). Devices here have no MSI-X. */
function countOf(tx: Tx, device: number, index: number): number {
  switch (index) {
    case VFIO_PCI.INTX_IRQ:
      return hardwareOf(tx, device).intx === false ? 0 : 1;
    case VFIO_PCI.MSI_IRQ:
      return hardwareOf(tx, device).msiVectors;
    case VFIO_PCI.ERR_IRQ:
      return isExpress(tx, device) ? 1 : 0;
    case VFIO_PCI.REQ_IRQ:
      return 1;
    default:
      return 0;
  }
}

/** PCI Express has 4096 bytes of configuration space. */
function isExpress(tx: Tx, device: number): boolean {
  return hardwareOf(tx, device).configSize > CONVENTIONAL_CONFIG;
}

/**
 * VFIO_DEVICE_SET_IRQS: what is the same for all interrupts is checked first (vfio_set_irqs_validate_and_prepare()), then
 * the data are copied, then comes what can be done with interrupts of that index.
 */
export function vfioSetIrqs(
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs['vfioSetIrqs'],
  actor: string,
): Result {
  if (args.index >= VFIO_PCI.NUM_IRQS || (args.flags & ~(DATA_TYPES | ACTIONS)) !== 0)
    return refused('EINVAL');
  const count = countOf(tx, device, args.index);
  if (args.start >= count || args.start + args.count > count) return refused('EINVAL');
  const bytes = DATA_BYTES.get(args.flags & DATA_TYPES);
  if (bytes === undefined) return refused('EINVAL');
  if (args.argsz - VFIO_IOCTLS.vfioSetIrqs.minSize < args.count * bytes) return refused('EINVAL');
  if (bytes > 0 && args.count > 0 && args.data === null) return refused('EFAULT');
  const action = args.flags & ACTIONS;
  const { ACTION_TRIGGER, ACTION_MASK, ACTION_UNMASK } = VFIO_IRQ_SET;
  switch (args.index) {
    case VFIO_PCI.INTX_IRQ:
      if (action !== ACTION_TRIGGER && action !== ACTION_MASK && action !== ACTION_UNMASK)
        return refused('ENOTTY');
      return setIntx(tx, device, args, actor);
    case VFIO_PCI.MSI_IRQ:
      if (action !== ACTION_TRIGGER) return refused('ENOTTY');
      return setMsi(tx, device, binding, args, actor);
    default:
      return action === ACTION_TRIGGER ? setSingle(tx, device, args, actor) : refused('ENOTTY');
  }
}

/** Enables MSI vectors, which gives the doorbell a place in the window, or disables them. */
function setMsi(
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs['vfioSetIrqs'],
  actor: string,
): Result {
  const vectors = hardwareOf(tx, device).msiVectors;
  waitForThreads(tx, binding);
  const state = deviceAt(tx, device);
  const isOn = state.messages.length > 0;
  if (args.count === 0 && (args.flags & VFIO_IRQ_SET.DATA_NONE) !== 0) {
    if (isOn) putDevice(tx, device, { ...state, messages: [] });
    return isOn ? done() : refused('EINVAL');
  }
  // Line and messages exclude each other.
  if (!isOn && linesOf(tx, device).intx) return refused('EINVAL');
  if ((args.flags & VFIO_IRQ_SET.DATA_EVENTFD) === 0) return isOn ? done() : refused('EINVAL');
  // No vector at all cannot be had (pci_alloc_irq_vectors()).
  if (!isOn && args.start + args.count === 0) return refused('ERANGE');
  // MSI's vectors are allocated together: those that are on are not written again, and no more can be had.
  const messages = isOn ? state.messages : composeMessages(tx, device, binding, args.start + args.count);
  if (typeof messages === 'string') return refused(messages);
  // Vectors come first, then what they are to signal (vfio_msi_enable(), vfio_msi_set_block()).
  const errno = checkEventfds(tx, args, actor, isOn ? messages.length : vectors);
  if (errno !== null) return refused(errno);
  if (isOn) return done();
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

function hardwareOf(tx: Tx, device: number): DeviceHardware {
  return tx.world.platform.devices[device] as DeviceHardware;
}
