import { destroyObject, freeUnusedBackings } from './backing.ts';
import { putContainersWithoutParents, putParent } from './container.ts';
import { closeIfUnused, iommufdOf } from './iommufd.ts';
import { attach } from './place.ts';
import { call, type Vmm, vmOf } from './process.ts';
import type { UnplugStep } from './steps.ts';
import type { PluggedDevice } from './vm.ts';
import { backingOf, changeDevice, changeVsmmu, deviceNamed, vsmmuAt } from './vsmmu.ts';

type Step = (vmm: Vmm, index: number, device: PluggedDevice) => void;

/** What is not there needs nothing done. */
const STEPS: { readonly [S in UnplugStep]: Step } = {
  'attach-parent': (vmm, _index, device) => {
    if (device.place !== null && device.parent !== null) attach(vmm, device, device.parent);
  },
  'attach-abort': (vmm, index, device) => {
    const backing = backingOf(vsmmuAt(vmm, index), device);
    if (backing !== null) attach(vmm, device, backing.abort);
  },
  detach: (vmm, _index, device) => {
    if (device.place !== null || device.parent !== null) call(vmm, 'vfioDetach', { fd: device.fd });
  },
  'destroy-hwpt': (vmm, index, device) => {
    const { place } = device;
    if (place?.kind === 'nested' && place.hwpt !== null) {
      destroyOf(vmm, device, place.hwpt);
      changeDevice(vmm, index, device.device, { place: { ...place, hwpt: null } });
    }
    if (place?.kind === 'emulated') destroyOf(vmm, device, place.shadow);
  },
  'destroy-vdevice': (vmm, index, device) => {
    const { place } = device;
    if (place?.kind !== 'nested' || place.vdevice === null) return;
    destroyOf(vmm, device, place.vdevice);
    changeDevice(vmm, index, device.device, { place: { ...place, vdevice: null } });
  },
  'free-backing': (vmm, index, { device }) => {
    if (deviceNamed(vsmmuAt(vmm, index), device)?.place === null) return;
    changeDevice(vmm, index, device, { place: null });
    freeUnusedBackings(vmm, index);
  },
  'put-parent': (vmm, index, device) => {
    const others = vmOf(vmm).vsmmus.flatMap(({ devices }) => devices);
    putParent(vmm, device, others);
    changeDevice(vmm, index, device.device, { parent: null });
  },
  'put-container': (vmm, _index, { iommufd }) => putContainersWithoutParents(vmm, iommufd),
  'close-device': (vmm, index, device) => {
    if (vmm.tx.rules.vmm.unplugClosesDevice) call(vmm, 'close', { fd: device.fd });
    leave(vmm, index, device.device);
  },
  'close-iommufd': (vmm, index, { device, iommufd }) => {
    const { devices } = vsmmuAt(vmm, index);
    // Whichever goes first: the device is no user of the iommufd any longer.
    const still = deviceNamed(vsmmuAt(vmm, index), device);
    if (still !== null) leave(vmm, index, device);
    closeIfUnused(vmm, iommufd);
    if (still !== null) changeVsmmu(vmm, index, { devices });
  },
};

function destroyOf(vmm: Vmm, { iommufd }: PluggedDevice, id: number): void {
  destroyObject(vmm, iommufdOf(vmm, iommufd)?.fd ?? -1, id);
}

function leave(vmm: Vmm, index: number, id: string): void {
  const { devices } = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, { devices: devices.filter(({ device }) => device !== id) });
}

/** Takes a device out: off its page tables, its objects destroyed, its file closed. */
export function takeOut(vmm: Vmm, index: number, id: string): void {
  const found = deviceNamed(vsmmuAt(vmm, index), id);
  if (found === null) return;
  for (const step of vmm.tx.rules.vmm.unplugSteps) {
    const device = deviceNamed(vsmmuAt(vmm, index), id);
    STEPS[step](vmm, index, device ?? found);
  }
}

/** The steps of an unplug that leave a device open and bound. */
const OFF: ReadonlySet<UnplugStep> = new Set(['detach', 'destroy-hwpt', 'destroy-vdevice', 'free-backing']);

/** Takes a device off everything; it stays open and bound. */
export function unplace(vmm: Vmm, index: number, id: string): void {
  for (const step of vmm.tx.rules.vmm.unplugSteps) {
    const device = deviceNamed(vsmmuAt(vmm, index), id);
    if (device !== null && device.place !== null && OFF.has(step)) STEPS[step](vmm, index, device);
  }
}
