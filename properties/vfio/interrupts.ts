import type { DeviceLines } from '../../model/host/device.ts';
import type { CommandArgs, Words } from '../../model/world/command.ts';
import type { Errno } from '../../spec/errno.ts';
import { VFIO_IRQ_INFO, VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import { type At, notEventfd } from './at.ts';

type Args = CommandArgs['vfioSetIrqs'];

const { DATA_NONE, DATA_BOOL, DATA_EVENTFD, ACTION_MASK, ACTION_UNMASK, ACTION_TRIGGER } = VFIO_IRQ_SET;
const { INTX_IRQ, MSI_IRQ, ERR_IRQ, REQ_IRQ, NUM_IRQS } = VFIO_PCI;

/** Bytes of struct vfio_irq_set without its data, and of a descriptor in that. */
const HEADER = 20;
const FD_BYTES = 4;

/** A device on PCI Express has more configuration space than this many bytes. */
const CONVENTIONAL_CONFIG = 256;

/** How many interrupts of an index a device has; MSI-X none of these has. */
function countOf({ hardware }: At, index: number): number {
  const express = hardware.configSize > CONVENTIONAL_CONFIG;
  const counts = new Map([
    [INTX_IRQ, hardware.intx === false ? 0 : 1],
    [MSI_IRQ, hardware.msiVectors],
    [ERR_IRQ, express ? 1 : 0],
    [REQ_IRQ, 1],
  ]);
  return counts.get(index as 0) ?? 0;
}

/** VFIO_DEVICE_GET_IRQ_INFO. */
export function vfioGetIrqInfo(at: At, { index }: CommandArgs['vfioGetIrqInfo']): Answer {
  const count = countOf(at, index);
  if (index >= NUM_IRQS || (index === ERR_IRQ && count === 0)) return refusal('EINVAL');
  const { EVENTFD, MASKABLE, AUTOMASKED, NORESIZE } = VFIO_IRQ_INFO;
  const flags = EVENTFD | (index === INTX_IRQ ? MASKABLE | AUTOMASKED : NORESIZE);
  return { errno: null, out: { flags, count } };
}

/** The nth descriptor of the data, as the 32 bits that it is in; null: the data end before it. */
function fdAt(data: Words | null, nth: number): number | null {
  const word = data?.[nth >> 1];
  return word === undefined ? null : Number((word >> BigInt(32 * (nth & 1))) & 0xffff_ffffn);
}

const isNegative = (fd: number): boolean => fd >= 0x8000_0000;
const NO_FD = 0xffff_ffff;

/** VFIO_DEVICE_SET_IRQS (linux/vfio.h; vfio_set_irqs_validate_and_prepare(), vfio_pci_set_irqs_ioctl()). */
export function vfioSetIrqs(at: At, args: Args): Answer {
  const { argsz, flags, index, start, count, data } = args;
  const known = DATA_NONE | DATA_BOOL | DATA_EVENTFD | ACTION_MASK | ACTION_UNMASK | ACTION_TRIGGER;
  if (index >= NUM_IRQS || (flags & ~known) !== 0) return refusal('EINVAL');
  const most = countOf(at, index);
  if (start >= most || start + count > most) return refusal('EINVAL');
  const type = flags & (DATA_NONE | DATA_BOOL | DATA_EVENTFD);
  if (type !== DATA_NONE && type !== DATA_BOOL && type !== DATA_EVENTFD) return refusal('EINVAL');
  const each = type === DATA_NONE ? 0 : type === DATA_BOOL ? 1 : FD_BYTES;
  if (argsz < HEADER + count * each) return refusal('EINVAL');
  if (each * count > 0 && data === null) return refusal('EFAULT');
  const action = flags & (ACTION_MASK | ACTION_UNMASK | ACTION_TRIGGER);
  if (index === INTX_IRQ && (action === ACTION_MASK || action === ACTION_UNMASK)) return maskIntx(at, args);
  if (action !== ACTION_TRIGGER) return refusal('ENOTTY');
  if (index === INTX_IRQ) return triggerIntx(at, args);
  return index === MSI_IRQ
    ? triggerMsi(at, args)
    : triggerSingle(at, args, index === ERR_IRQ ? 'err' : 'req');
}

const linesOf = ({ state }: At): DeviceLines =>
  state.lines ?? { intx: false, unmasks: false, err: false, req: false };

/** Done, and the line is then so. */
function thenLine({ device }: At, line: keyof DeviceLines, expected: boolean): Answer {
  return {
    errno: null,
    wrongIn: ({ world }) =>
      (world.devices[device]?.lines?.[line] ?? false) === expected
        ? null
        : `${line} of device ${device} is ${expected ? 'off' : 'on'} after SET_IRQS`,
  };
}

/** The line is off, and nothing is left of it: an eventfd that unmasked it would unmask the next one. */
function thenNoLine({ device }: At): Answer {
  return {
    errno: null,
    wrongIn({ world }) {
      const lines = world.devices[device]?.lines;
      return lines?.intx === true || lines?.unmasks === true
        ? `the line of device ${device} is off, and intx or unmasks is on`
        : null;
    },
  };
}

function maskIntx(at: At, { flags, start, count, data }: Args): Answer {
  const lines = linesOf(at);
  if (!lines.intx || start !== 0 || count !== 1) return refusal('EINVAL');
  if ((flags & DATA_EVENTFD) === 0) return thenLine(at, 'intx', true);
  if ((flags & ACTION_MASK) !== 0) return refusal('ENOTTY');
  const fd = fdAt(data, 0) ?? 0;
  if (isNegative(fd)) return thenLine(at, 'unmasks', false);
  const errno = notEventfd(at, fd) ?? (lines.unmasks ? 'EBUSY' : null);
  return errno === null ? thenLine(at, 'unmasks', true) : refusal(errno);
}

function triggerIntx(at: At, { flags, start, count, data }: Args): Answer {
  const { intx } = linesOf(at);
  if (intx && count === 0 && (flags & DATA_NONE) !== 0) return thenNoLine(at);
  if (at.state.messages.length > 0 || start !== 0 || count !== 1) return refusal('EINVAL');
  if ((flags & DATA_EVENTFD) === 0) return intx ? thenLine(at, 'intx', true) : refusal('EINVAL');
  const fd = fdAt(data, 0) ?? 0;
  const errno = isNegative(fd) ? null : notEventfd(at, fd);
  return errno === null ? thenLine(at, 'intx', true) : refusal(errno);
}

/** Errors of the link, and the host's wish to have the device back: one eventfd each. */
function triggerSingle(at: At, { flags, start, count, data }: Args, line: 'err' | 'req'): Answer {
  const isOn = linesOf(at)[line];
  if (start !== 0 || count > 1) return refusal('EINVAL');
  if ((flags & DATA_NONE) !== 0) return isOn ? thenLine(at, line, count === 1) : refusal('EINVAL');
  if (count === 0) return refusal('EINVAL');
  if ((flags & DATA_EVENTFD) === 0) return thenLine(at, line, isOn);
  const fd = fdAt(data, 0) ?? 0;
  if (isNegative(fd)) return thenLine(at, line, isOn && fd !== NO_FD);
  const errno = notEventfd(at, fd);
  return errno === null ? thenLine(at, line, true) : refusal(errno);
}

/** Messages: all from the first one on, at once. Whether doorbells have room is for the properties of MSIs to say. */
function triggerMsi(at: At, { flags, start, count, data }: Args): Answer {
  if (at.world.contexts.some((context) => (context?.msiThreads.length ?? 0) > 0)) return null;
  const on = at.state.messages.length;
  if (count === 0 && (flags & DATA_NONE) !== 0) return on > 0 ? thenOn(at, 0) : refusal('EINVAL');
  if (on === 0 && linesOf(at).intx) return refusal('EINVAL');
  if ((flags & DATA_EVENTFD) === 0) return on > 0 ? thenOn(at, on) : refusal('EINVAL');
  if (on === 0 && start + count === 0) return refusal('ERANGE');
  const most = on === 0 ? start + count : on;
  const errno = notEventfds(at, { start, count, data }, most);
  if (on > 0) return errno === null ? thenOn(at, on) : refusal(errno);
  // Before they are looked at, there may be no room for a doorbell.
  return { ...(errno === null ? thenOn(at, most) : refusal(errno)), mayBeRefused: true } as Answer;
}

/** Why not all of the data are eventfds of vectors that there are, or none at all (-1). */
function notEventfds(
  at: At,
  { start, count, data }: Pick<Args, 'start' | 'count' | 'data'>,
  most: number,
): Errno | null {
  for (let nth = 0; nth < count; nth++) {
    const fd = fdAt(data, nth);
    if (fd === null) return 'EFAULT';
    if (isNegative(fd)) continue;
    const errno = notEventfd(at, fd) ?? (start + nth >= most ? 'EINVAL' : null);
    if (errno !== null) return errno;
  }
  return null;
}

function thenOn({ device }: At, expected: number): Answer {
  return {
    errno: null,
    wrongIn({ world }) {
      const on = world.devices[device]?.messages.length ?? 0;
      return on === expected ? null : `${on} vectors of device ${device} are on, and are to be ${expected}`;
    },
  };
}
