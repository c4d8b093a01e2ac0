import type { Errno } from '../../spec/errno.ts';
import { VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import type { DeviceLines } from '../host/device.ts';
import { readBytes } from '../iommufd/user-data.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

/*
 * The interrupts of a device beside its messages: the line (INTx), errors of its link (ERR), and the host's wish to have
 * it back (REQ). Nothing raises them here; what is followed is who may switch what on.
 */

export const NO_LINES: DeviceLines = Object.freeze({ intx: false, unmasks: false, err: false, req: false });

/** -1, as the struct holds it. */
const NO_FD = 0xffff_ffff;
const SIGN = 0x8000_0000;
const FD_BYTES = 4;

type Args = CommandArgs['vfioSetIrqs'];

export function linesOf(tx: Tx, device: number): DeviceLines {
  return deviceAt(tx, device).lines ?? NO_LINES;
}

function put(tx: Tx, device: number, change: Partial<DeviceLines>): Result {
  const { lines = NO_LINES, ...state } = deviceAt(tx, device);
  const next = { ...lines, ...change };
  const isOn = next.intx || next.unmasks || next.err || next.req;
  putDevice(tx, device, isOn ? { ...state, lines: next } : state);
  return done();
}

/** SET_IRQS of INTx: one line, all or nothing (vfio_pci_set_intx_trigger(), _mask(), _unmask()). */
export function setIntx(tx: Tx, device: number, args: Args, actor: string): Result {
  const { ACTION_MASK, ACTION_UNMASK, DATA_NONE, DATA_EVENTFD } = VFIO_IRQ_SET;
  const lines = linesOf(tx, device);
  const isOne = args.start === 0 && args.count === 1;
  const byEventfd = (args.flags & DATA_EVENTFD) !== 0;
  if ((args.flags & (ACTION_MASK | ACTION_UNMASK)) !== 0) {
    if (!lines.intx || !isOne) return refused('EINVAL');
    if (!byEventfd) return done();
    // To mask by eventfd was never made.
    return (args.flags & ACTION_MASK) !== 0 ? refused('ENOTTY') : setUnmaskFd(tx, device, args, actor);
  }
  if (lines.intx && args.count === 0 && (args.flags & DATA_NONE) !== 0)
    return put(tx, device, { intx: false, unmasks: false });
  const messages = deviceAt(tx, device).messages.length > 0;
  if (messages || !isOne) return refused('EINVAL');
  if (!byEventfd) return lines.intx ? done() : refused('EINVAL');
  const fd = fdOf(args);
  const errno = fd >= SIGN ? null : eventfdErrno(tx, actor, fd);
  return errno === null ? put(tx, device, { intx: true }) : refused(errno);
}

function setUnmaskFd(tx: Tx, device: number, args: Args, actor: string): Result {
  const fd = fdOf(args);
  if (fd >= SIGN) return put(tx, device, { unmasks: false });
  const errno = eventfdErrno(tx, actor, fd) ?? (linesOf(tx, device).unmasks ? 'EBUSY' : null);
  return errno === null ? put(tx, device, { unmasks: true }) : refused(errno);
}

/** SET_IRQS of ERR or REQ: one eventfd, or none (vfio_pci_set_ctx_trigger_single()). */
export function setSingle(tx: Tx, device: number, args: Args, actor: string): Result {
  const { DATA_NONE, DATA_EVENTFD } = VFIO_IRQ_SET;
  const which = args.index === VFIO_PCI.ERR_IRQ ? 'err' : 'req';
  const isOn = linesOf(tx, device)[which];
  if (args.start !== 0 || args.count > 1) return refused('EINVAL');
  if ((args.flags & DATA_NONE) !== 0) {
    if (!isOn) return refused('EINVAL');
    return args.count === 0 ? put(tx, device, { [which]: false }) : done();
  }
  if (args.count === 0) return refused('EINVAL');
  if ((args.flags & DATA_EVENTFD) === 0) return done();
  const fd = fdOf(args);
  if (fd === NO_FD) return put(tx, device, { [which]: false });
  // Other negative numbers change nothing.
  if (fd >= SIGN) return done();
  const errno = eventfdErrno(tx, actor, fd);
  return errno === null ? put(tx, device, { [which]: true }) : refused(errno);
}

function fdOf({ data }: Args): number {
  return Number((data === null ? null : readBytes(data, 0, FD_BYTES)) ?? 0n);
}

/** eventfd_ctx_fdget(): EBADF where nothing is open, EINVAL of any other file. */
export function eventfdErrno(tx: Tx, actor: string, fd: number): Errno | null {
  const file = fileOf(tx, actor, fd);
  if (file === null) return 'EBADF';
  return file.of.kind === 'other' ? null : 'EINVAL';
}
