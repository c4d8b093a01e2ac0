import type { ArgValue, Call } from '../../../model/call.ts';
import { VFIO_IRQ_SET, VFIO_PCI } from '../../../spec/vfio/constants.ts';
import type { BoundCdev } from '../../sight.ts';
import { type Draw, oneIn, pick, pickAny } from '../choice.ts';
import { fdHandle, hardwareOf, type Objects, objectHandle, type View } from '../view.ts';

/** struct vfio_irq_set without its data, and what each vector takes. */
const IRQ_SET_BYTES = 20;
const FD_BYTES = 4;
const NO_EVENTFDS = 0xffff_ffff_ffff_ffffn;

/**
 * What a process does with the vectors of devices that have several doorbells between them, and what the host does with
 * them; null: something else, from the general moves.
 */
export function msiWork(view: View, draw: Draw): Call | null {
  const { bound, world } = view;
  const attached = bound.filter((cdev) => isAttached(view, cdev));
  const cdev = pickAny(attached, draw);
  if (cdev === undefined) return null;
  const fd = fdHandle(view, cdev.fd);
  const isOn = (world.devices[cdev.device]?.messages.length ?? 0) > 0;
  // While a thread is between its two steps, others get in between.
  const between = attached.find((each) => isQuiet(view, each));
  if (between !== undefined && isThreadBegun(view) && oneIn(2, draw)) return enable(view, between, draw);
  if (!oneIn(3, draw)) return null;
  switch (draw(isOn ? 6 : 4)) {
    case 0:
      // A thread that no other can meet is of little use.
      if (attached.length === 1 && !oneIn(4, draw)) return null;
      return { actor: view.actor, command: 'beginSetIrqs', args: { fd } };
    case 1:
      return { actor: view.actor, command: 'endSetIrqs', args: { fd } };
    case 2:
      return isOn ? move(view, draw) : enable(view, cdev, draw);
    case 3:
      return { actor: view.actor, command: 'readReserved', args: { device: hardwareOf(view, cdev).id } };
    case 4:
      return moveInterrupt(view, cdev, draw);
    default:
      return replace(view, cdev, draw);
  }
}

function isAttached({ world }: View, { device, bound }: BoundCdev): boolean {
  const group = world.platform.devices[device]?.group;
  return (
    world.contexts[bound.ctx]?.groups.some((each) => each.group === group && each.attach !== null) ?? false
  );
}

function isThreadBegun({ world, here }: View): boolean {
  return (world.contexts[here?.ctx ?? -1]?.msiThreads.length ?? 0) > 0;
}

/** Whether no vector of a device is on, nor about to be. */
function isQuiet({ world }: View, { bound, device }: BoundCdev): boolean {
  const threads = world.contexts[bound.ctx]?.msiThreads ?? [];
  return world.devices[device]?.messages.length === 0 && threads.every(({ devId }) => devId !== bound.devId);
}

/** SET_IRQS of one vector, of some, or of as many as there are. */
function enable(view: View, cdev: BoundCdev, draw: Draw): Call {
  const { msiVectors } = hardwareOf(view, cdev);
  const count = pick([1, 1, msiVectors >> 1, msiVectors], draw) || 1;
  const args: Record<string, ArgValue> = {
    fd: fdHandle(view, cdev.fd),
    argsz: IRQ_SET_BYTES + FD_BYTES * count,
    flags: VFIO_IRQ_SET.DATA_EVENTFD | VFIO_IRQ_SET.ACTION_TRIGGER,
    index: VFIO_PCI.MSI_IRQ,
    count,
    data: new Array<bigint>((count + 1) >> 1).fill(NO_EVENTFDS),
  };
  return { actor: view.actor, command: 'vfioSetIrqs', args };
}

function moveInterrupt(view: View, cdev: BoundCdev, draw: Draw): Call {
  const { id, msiVectors } = hardwareOf(view, cdev);
  const vector = oneIn(4, draw) ? draw(msiVectors) : 0;
  return { actor: 'host', command: 'moveInterrupt', args: { device: id, vector } };
}

/** A further domain for a device to go to, or one that nothing is on any longer to go. */
function move(view: View, draw: Draw): Call | null {
  const { here } = view;
  const unused = here?.pagings.find((id) => here.table[id]?.type !== 'tombstone' && usersOf(here, id) === 1);
  if (here === null || here.fd === null || unused === undefined || !oneIn(2, draw)) return null;
  return {
    actor: view.actor,
    command: 'destroy',
    args: { fd: fdHandle(view, here.fd), id: objectHandle(view, here, unused) },
  };
}

function usersOf(here: Objects, id: number): number {
  const slot = here.table[id];
  return slot === null || slot === undefined || slot.type === 'tombstone' ? 0 : slot.users;
}

function replace(view: View, cdev: BoundCdev, draw: Draw): Call | null {
  const { here } = view;
  const pt = here === null ? undefined : pickAny(here.pagings, draw);
  if (here === null || pt === undefined || here.ctx !== cdev.bound.ctx) return null;
  return {
    actor: view.actor,
    command: 'vfioAttach',
    args: { fd: fdHandle(view, cdev.fd), ptId: objectHandle(view, here, pt) },
  };
}
