import { mustGet } from '../iommufd/object-table.ts';
import { lookUp, putIn } from '../iommufd/sw-msi/sw-msi.ts';
import { doorbellOf } from '../platform/doorbell.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, deviceAt, putContext, putDevice, type Tx } from '../world/tx.ts';
import { messageOf } from './compose.ts';

/*
 * VFIO_DEVICE_SET_IRQS of a device's first vector in two steps, as a thread of its own takes them: it looks the doorbell's
 * page up, and it puts it into the list. Whoever needs the list meanwhile waits for the lock, so that the thread is
 * through first.
 */

/** The thread has looked up; EINVAL where the vector is on, or the list has nothing to do with it. */
export function beginSetIrqs(tx: Tx, device: number, { ctx, devId }: Binding): Result {
  waitForThreads(tx, { ctx, devId });
  const context = contextAt(tx, ctx);
  if (deviceAt(tx, device).messages.length > 0) return refused('EINVAL');
  const map = lookUp(tx, ctx, device, doorbellOf(tx.world.platform, device, 0));
  if (typeof map === 'string') return refused(map);
  if (map === null) return refused('EINVAL');
  putContext(tx, ctx, { ...context, msiThreads: [...context.msiThreads, { devId, map }] });
  return done();
}

/** The thread goes on to its end; EINVAL where there is none. */
export function endSetIrqs(tx: Tx, device: number, binding: Binding): Result {
  const thread = contextAt(tx, binding.ctx).msiThreads.find(({ devId }) => devId === binding.devId);
  if (thread === undefined) return refused('EINVAL');
  finish(tx, device, binding);
  return done();
}

/**
 * Lets every thread that holds the lock come to its end. Calls on one device's vectors wait for each other in any case
 * (`igate` of struct vfio_pci_core_device).
 */
export function waitForThreads(tx: Tx, { ctx, devId: own }: Binding): void {
  const { msiThreads } = contextAt(tx, ctx);
  if (msiThreads.length === 0) return;
  const isLocked = tx.rules.msi.doorbellListIsLocked;
  for (const { devId } of msiThreads)
    if (isLocked || devId === own) finish(tx, mustGet(tx, ctx, devId, 'device').device, { ctx, devId });
}

function finish(tx: Tx, device: number, binding: Binding): void {
  const { ctx, devId } = binding;
  const map = forgetThread(tx, ctx, devId);
  if (map === null || deviceAt(tx, device).messages.length > 0) return;
  const place = putIn(tx, ctx, device, map);
  if (typeof place === 'string') return;
  const message = messageOf(tx, device, binding, 0, place);
  if (message !== null && typeof message !== 'string')
    putDevice(tx, device, { ...deviceAt(tx, device), messages: [message] });
}

/** Takes a device's thread out of the context; gives the page that it was about to use. */
export function forgetThread(tx: Tx, ctx: number, devId: number) {
  const context = contextAt(tx, ctx);
  const thread = context.msiThreads.find((each) => each.devId === devId);
  if (thread === undefined) return null;
  const msiThreads = context.msiThreads.filter((each) => each !== thread);
  putContext(tx, ctx, { ...context, msiThreads });
  return thread.map;
}
