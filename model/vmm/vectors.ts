import { VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import type { VectorArgs } from '../msi/command.ts';
import type { Words } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { vitsOf } from './doorbell.ts';
import { call, type Vmm } from './process.ts';
import type { GuestVector, PluggedDevice } from './vm.ts';
import { changeDevice, deviceOfVsid, vsmmuAt } from './vsmmu.ts';

const { DATA_NONE, DATA_EVENTFD, ACTION_TRIGGER } = VFIO_IRQ_SET;

/** Two descriptors of -1: a vector without an eventfd. Who hears of an interrupt is not modelled. */
const NO_EVENTFDS = 0xffff_ffff_ffff_ffffn;
const FD_BYTES = 4;

/** The guest writes a vector's address and data; the host hears of it where the design forwards them. */
export function programVector(vmm: Vmm, args: VectorArgs['programVector']): Result {
  const device = seenBy(vmm, args);
  if (device === null) return refused('ENODEV');
  // Without an ITS the guest's devices have no MSIs.
  if (vitsOf(vmm) === null || args.vector >= vectorsOf(vmm, device)) return refused('EINVAL');
  const { address, value } = args;
  change(vmm, args, { address, value });
  if (isOn(device, args.vector)) {
    forward(vmm, args);
    setVectors(vmm, args);
  }
  return done();
}

/**
 * The guest switches a vector on. A guest cannot be refused this: where the host refuses, the VMM can only note it, and the
 * interrupt is lost.
 */
export function enableVector(vmm: Vmm, args: VectorArgs['enableVector']): Result {
  const device = seenBy(vmm, args);
  if (device === null) return refused('ENODEV');
  if (args.vector >= vectorsOf(vmm, device)) return refused('EINVAL');
  if (isOn(device, args.vector)) return done();
  change(vmm, args, { on: true });
  forward(vmm, args);
  setVectors(vmm, args);
  return done();
}

export function disableVector(vmm: Vmm, args: VectorArgs['disableVector']): Result {
  const device = seenBy(vmm, args);
  if (device === null) return refused('ENODEV');
  if (!isOn(device, args.vector)) return done();
  change(vmm, args, { on: false });
  setVectors(vmm, args);
  return done();
}

/** System reset: no vector is on, or programmed. */
export function resetVectors(vmm: Vmm, index: number, { device, vsid, vectors }: PluggedDevice): void {
  if (vectors.length === 0) return;
  changeDevice(vmm, index, device, { vectors: [] });
  setVectors(vmm, { vsmmu: index, vsid });
}

interface OfDevice {
  readonly vsmmu: number;
  readonly vsid: number;
}

function seenBy(vmm: Vmm, { vsmmu, vsid }: OfDevice): PluggedDevice | null {
  return deviceOfVsid(vsmmuAt(vmm, vsmmu), vsid);
}

function vectorsOf({ tx }: Vmm, { device }: PluggedDevice): number {
  return tx.world.platform.devices.find(({ id }) => id === device)?.msiVectors ?? 0;
}

function isOn({ vectors }: PluggedDevice, vector: number): boolean {
  return vectors.some((each) => each.vector === vector && each.on);
}

function change(vmm: Vmm, args: VectorArgs['enableVector'], to: Partial<GuestVector>): void {
  const { device, vectors } = seenBy(vmm, args) as PluggedDevice;
  const old = vectors.find(({ vector }) => vector === args.vector);
  const now = { vector: args.vector, address: null, value: 0, on: false, ...old, ...to };
  const others = vectors.filter((each) => each !== old);
  changeDevice(vmm, args.vsmmu, device, {
    vectors: [...others, now].sort((a, b) => a.vector - b.vector),
  });
}

/** VFIO_IRQ_SET_ACTION_PREPARE, where the kernel is to put the guest's own address into the message. */
function forward(vmm: Vmm, args: VectorArgs['enableVector']): void {
  const vits = vitsOf(vmm);
  const { fd, vectors } = seenBy(vmm, args) as PluggedDevice;
  const at = vectors.find(({ vector }) => vector === args.vector);
  if (!vmm.tx.rules.msi.messageHasGuestAddress || vits === null || at === undefined || at.address === null)
    return;
  const { vector, address, value } = at;
  call(vmm, 'vfioPrepareMsi', { fd, vector, ipa: vits.start, address, value });
}

/** VFIO_DEVICE_SET_IRQS: the vectors up to the last that is on, which PCI's MSI has to be given together. */
function setVectors(vmm: Vmm, of: OfDevice): void {
  const { fd, device, vectors } = seenBy(vmm, of) as PluggedDevice;
  const { devices, platform } = vmm.tx.world;
  const host = devices[platform.devices.findIndex(({ id }) => id === device)]?.messages.length ?? 0;
  const count = vectors.reduce((most, { vector, on }) => (on ? Math.max(most, vector + 1) : most), 0);
  if (count === host) return;
  const index = VFIO_PCI.MSI_IRQ;
  if (host > 0) call(vmm, 'vfioSetIrqs', { fd, flags: DATA_NONE | ACTION_TRIGGER, index });
  if (count === 0) return;
  const argsz = VFIO_IOCTLS.vfioSetIrqs.minSize + FD_BYTES * count;
  const data: Words = new Array<bigint>((count + 1) >> 1).fill(NO_EVENTFDS);
  const set = call(vmm, 'vfioSetIrqs', {
    fd,
    argsz,
    flags: DATA_EVENTFD | ACTION_TRIGGER,
    index,
    count,
    data,
  });
  if (!set.ok)
    vmm.tx.effects.push({ kind: 'vmmRefusal', reason: `the interrupts of ${device} are lost: ${set.errno}` });
}
