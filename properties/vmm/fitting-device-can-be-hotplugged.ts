import { idRegistersOf } from '../../model/platform/id-registers.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import { featuresOf } from '../../model/platform/smmu-features.ts';
import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { World } from '../../model/world/world.ts';
import { fits } from '../../spec/vsmmu/fits.ts';
import { hasVsmmu } from '../platforms.ts';
import type { ReachabilityProperty, Violation } from '../property.ts';

/** Whether a device of the machine's host is free, can be nested, and does what the vSMMU promises. */
function suits(world: World, vm: Vm, vsmmu: Vsmmu, hardware: DeviceHardware, index: number): boolean {
  const psmmu = world.platform.iommus[hardware.iommu];
  if (psmmu === undefined || vsmmu.registers === null) return false;
  if ((hardware.host ?? 0) !== vm.host || world.devices[index]?.opened !== false) return false;
  if (!featuresOf(psmmu).nesting || !hardware.canwbs || hardware.streamIds.length !== 1) return false;
  return fits(vsmmu.registers, idRegistersOf(psmmu)).length === 0;
}

/** Whether the vSMMU is not backed by another pSMMU just now. */
function isFreeFor(world: World, vsmmu: Vsmmu, { iommu }: DeviceHardware): boolean {
  return vsmmu.devices.every(
    ({ device }) => world.platform.devices.find(({ id }) => id === device)?.iommu === iommu,
  );
}

/** A virtual StreamID that no device behind the vSMMU has. */
function freeVsid({ devices }: Vsmmu): number {
  let vsid = 0;
  while (devices.some((device) => device.vsid === vsid)) vsid++;
  return vsid;
}

/** Calls back for every device that could come behind every vSMMU of a running machine, until there is an answer. */
function firstCandidate<R>(
  world: World,
  look: (vm: Vm, vsmmu: number, device: string, vsid: number) => R | null,
): R | null {
  for (const vm of world.vms) {
    if (!vm.running) continue;
    for (const [at, vsmmu] of vm.vsmmus.entries()) {
      for (const [index, hardware] of world.platform.devices.entries()) {
        if (!suits(world, vm, vsmmu, hardware, index) || !isFreeFor(world, vsmmu, hardware)) continue;
        const found = look(vm, at, hardware.id, freeVsid(vsmmu));
        if (found !== null) return found;
      }
    }
  }
  return null;
}

export const fittingDeviceCanBeHotplugged: ReachabilityProperty = {
  id: 'fitting-device-can-be-hotplugged',
  sentence: 'In every running state, a free device that fits a vSMMU can be plugged behind it.',
  source: 'seed 000, Jason Gunthorpe: "If you want to do full hotplug then you need to fully specified"',
  kind: 'reachability',
  appliesTo: hasVsmmu,
  brokenBy: 'iommu-id-is-handle',
  violated: (world, rules: Rules): Violation =>
    firstCandidate(world, ({ name: vm }, vsmmu, device, vsid) => {
      const args = { vm, vsmmu, device, vsid, iommufd: 0, port: '' };
      const { result } = step(world, { actor: 'operator', command: 'plug', args }, rules);
      return result.ok
        ? null
        : `${device} fits vSMMU ${vsmmu}, but plugging it was refused with ${result.errno}`;
    }),
  witness: (world) => firstCandidate(world, () => true) !== null,
};
