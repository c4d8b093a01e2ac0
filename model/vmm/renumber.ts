import { destroyObject } from './backing.ts';
import { attach } from './place.ts';
import type { Vmm } from './process.ts';
import type { PluggedDevice } from './vm.ts';
import { backingOf, changeDevice, vsmmuAt } from './vsmmu.ts';

/** Takes a device off its vDEVICE: no traffic, and nothing that names it, until it has another one. */
export function leaveVdevice(vmm: Vmm, index: number, device: PluggedDevice): void {
  const backing = backingOf(vsmmuAt(vmm, index), device);
  const { place } = device;
  if (place?.kind !== 'nested' || backing === null) return;
  attach(vmm, device, backing.abort);
  for (const id of [place.hwpt, place.vdevice]) if (id !== null) destroyObject(vmm, backing.fd, id);
  changeDevice(vmm, index, device.device, { place: { ...place, hwpt: null, vdevice: null } });
}
