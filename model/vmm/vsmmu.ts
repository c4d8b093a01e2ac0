import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import { putVm, type Vmm, vmOf } from './process.ts';
import { type Backing, type PluggedDevice, propertiesOf, type Vsmmu } from './vm.ts';

export function vsmmuAt(vmm: Vmm, index: number): Vsmmu {
  return vmOf(vmm).vsmmus[index] as Vsmmu;
}

export function changeVsmmu(vmm: Vmm, index: number, change: Partial<Vsmmu>): void {
  const vm = vmOf(vmm);
  putVm(vmm, { ...vm, vsmmus: vm.vsmmus.with(index, { ...(vm.vsmmus[index] as Vsmmu), ...change }) });
}

/** A device behind a vSMMU, by its virtual StreamID. */
export function deviceOfVsid(vsmmu: Vsmmu, vsid: number): PluggedDevice | null {
  return vsmmu.devices.find((device) => device.vsid === vsid) ?? null;
}

/** A device behind a vSMMU, by its id. */
export function deviceNamed(vsmmu: Vsmmu, id: string): PluggedDevice | null {
  return vsmmu.devices.find(({ device }) => device === id) ?? null;
}

/** The part of the pSMMU that a nested device is on; null: it is on none. */
export function backingOf({ backings }: Vsmmu, { place }: PluggedDevice): Backing | null {
  if (place?.kind !== 'nested') return null;
  return backings.find(({ viommu }) => viommu === place.viommu) ?? null;
}

/** Puts what is known of a plugged device in place of what was. */
export function changeDevice(vmm: Vmm, index: number, id: string, change: Partial<PluggedDevice>): void {
  const { devices } = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, {
    devices: devices.map((device) => (device.device === id ? { ...device, ...change } : device)),
  });
}

export function operatorProperties(vmm: Vmm, index: number): VsmmuProperties {
  return propertiesOf(vmm.tx.world.platform, vmOf(vmm).name, index);
}
