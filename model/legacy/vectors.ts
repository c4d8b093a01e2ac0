import type { MsiMessage } from '../host/msi-message.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { type Legacy, legacyOf, putLegacyGroup, putThreads } from './access.ts';
import type { LegacyArgs } from './command.ts';
import type { DeviceVectors, LegacyGroup, VectorThread } from './machine.ts';
import { composeMessages } from './prepare.ts';
import { domainOf } from './reach.ts';
import { itsOfGroup } from './regions.ts';

function stateOf(tx: Tx, group: number): LegacyGroup | undefined {
  return tx.world.legacy?.groups[group];
}

/** What a device's vectors are programmed with; none where they are off. */
export function messagesOf(state: LegacyGroup, device: string): readonly MsiMessage[] {
  return state.vectors.find((each) => each.device === device)?.messages ?? [];
}

function putMessages(tx: Tx, group: number, device: string, messages: readonly MsiMessage[]): void {
  const state = stateOf(tx, group) as LegacyGroup;
  const others = state.vectors.filter((each) => each.device !== device);
  const vectors: DeviceVectors[] = messages.length === 0 ? others : [...others, { device, messages }];
  vectors.sort((a, b) => (a.device < b.device ? -1 : 1));
  putLegacyGroup(tx, group, { ...state, vectors });
}

/** A device's file, or its driver of the host's, is gone. */
export function dropVectors(tx: Tx, group: number, device: string): void {
  const { threads = [] } = tx.world.legacy ?? {};
  const others = threads.filter((each) => each.group !== group || each.device !== device);
  if (others.length < threads.length) putThreads(tx, others);
  const state = stateOf(tx, group);
  if (state === undefined || messagesOf(state, device).length === 0 || !tx.rules.msi.vectorsGoWithFile)
    return;
  putMessages(tx, group, device, []);
}

/** The group, where a descriptor of the device is open. */
function opened(tx: Tx, group: number, device: string): LegacyGroup | null {
  const state = stateOf(tx, group);
  return state?.devices.includes(device) === true ? state : null;
}

function vectorsOf(tx: Tx, group: number): number {
  return tx.world.platform.legacy?.groups[group]?.msiVectors ?? 0;
}

/**
 * VFIO_DEVICE_SET_IRQS of a device's MSIs, all from the first one on: the same call as that of a device file of its own
 * (`vfioSetIrqs`), with the same answers, and ENOMEM where a doorbell cannot be mapped.
 */
export function groupSetIrqs(tx: Tx, { group, device, count }: LegacyArgs['groupSetIrqs']): Result {
  if (opened(tx, group, device) === null) return refused('EBADF');
  if (count < 0 || count > vectorsOf(tx, group)) return refused('EINVAL');
  waitForThreads(tx, group, device);
  const on = messagesOf(stateOf(tx, group) as LegacyGroup, device).length;
  if (count === 0) {
    if (on === 0) return refused('EINVAL');
    putMessages(tx, group, device, []);
    return done();
  }
  // MSI's vectors are allocated together: those that are on are not written again, and no more can be had.
  if (on > 0) return count > on ? refused('EINVAL') : done();
  const messages = composeMessages(tx, group, device, count);
  if (typeof messages === 'string') return refused(messages);
  putMessages(tx, group, device, messages);
  return done();
}

/** pci_alloc_irq_vectors() of a driver of the host for exactly so many, or pci_free_irq_vectors() for none. */
export function hostDriverSetIrqs(tx: Tx, { group, device, count }: LegacyArgs['hostDriverSetIrqs']): Result {
  const state = stateOf(tx, group);
  if (state?.hostDrivers.includes(device) !== true) return refused('ENODEV');
  if (count <= 0) {
    if (messagesOf(state, device).length > 0) putMessages(tx, group, device, []);
    return done();
  }
  if (messagesOf(state, device).length > 0) return refused('EINVAL');
  if (count > vectorsOf(tx, group)) return refused('ENOSPC');
  waitForThreads(tx, group, device);
  const messages = composeMessages(tx, group, device, count);
  if (typeof messages === 'string') return refused(messages);
  putMessages(tx, group, device, messages);
  return done();
}

/*
 * The first of a device's vectors in two steps, as a thread of its own takes them: it looks for the doorbell's page, and
 * it takes one. Whoever needs the list meanwhile waits for the lock, so that the thread is through first.
 */

/** The thread has looked; EINVAL where the vector is on, or no list has to do with it. */
export function groupBeginSetIrqs(tx: Tx, { group, device }: LegacyArgs['groupBeginSetIrqs']): Result {
  if (opened(tx, group, device) === null) return refused('EBADF');
  waitForThreads(tx, group, device);
  const { machine, whole } = legacyOf(tx) as Legacy;
  const its = itsOfGroup(whole, group);
  const cookie = domainOf(machine, group)?.cookie ?? null;
  const isOn = messagesOf(machine.groups[group] as LegacyGroup, device).length > 0;
  if (isOn || its.untranslated === true || cookie === null) return refused('EINVAL');
  const found = cookie.pages.some(({ doorbell }) => doorbell === its.doorbell);
  putThreads(tx, [...machine.threads, { group, device, found }]);
  return done();
}

/** The thread goes on to its end; EINVAL where there is none. */
export function groupEndSetIrqs(tx: Tx, { group, device }: LegacyArgs['groupEndSetIrqs']): Result {
  const thread = threadOf(tx.world.legacy?.threads ?? [], group, device);
  if (thread === undefined) return refused('EINVAL');
  finish(tx, thread);
  return done();
}

function threadOf(threads: readonly VectorThread[], group: number, device: string): VectorThread | undefined {
  return threads.find((each) => each.group === group && each.device === device);
}

/** Calls on one device's vectors wait for each other in any case (`igate` of struct vfio_pci_core_device). */
function waitForThreads(tx: Tx, group: number, device: string): void {
  const isLocked = tx.rules.msi.doorbellListIsLocked;
  for (const thread of tx.world.legacy?.threads ?? [])
    if (isLocked || (thread.group === group && thread.device === device)) finish(tx, thread);
}

/** A thread for whose doorbell there is no room ends without a vector, as its call is refused. */
function finish(tx: Tx, thread: VectorThread): void {
  const { group, device, found } = thread;
  putThreads(
    tx,
    (tx.world.legacy?.threads ?? []).filter((each) => each !== thread),
  );
  if (messagesOf(stateOf(tx, group) as LegacyGroup, device).length > 0) return;
  const messages = composeMessages(tx, group, device, 1, found);
  if (typeof messages !== 'string') putMessages(tx, group, device, messages);
}
