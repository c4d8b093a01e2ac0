import type { DeviceHardware } from '../../../model/platform/platform.ts';
import type { Vm, Vsmmu } from '../../../model/vmm/vm.ts';
import type { World } from '../../../model/world/world.ts';
import { type Draw, pick } from '../choice.ts';

/** One virtual machine as its operator and its guest see it: what a sensible next step can be about. */
export interface VmView {
  readonly world: World;
  readonly vm: Vm;
  /** The vSMMU that the step is about. */
  readonly index: number;
  readonly vsmmu: Vsmmu;
  /** Devices of the machine's host, in the platform's order. */
  readonly devices: readonly DeviceHardware[];
  /** Those that no machine has. */
  readonly free: readonly DeviceHardware[];
}

/** Looks at one of the world's machines, and at one of its vSMMUs. */
export function vmViewOf(world: World, draw: Draw): VmView {
  const vm = pick(world.vms, draw);
  const index = vm.vsmmus.length === 1 ? 0 : draw(vm.vsmmus.length);
  const { platform } = world;
  const plugged = new Set(
    world.vms.flatMap(({ vsmmus }) => vsmmus.flatMap(({ devices }) => devices.map(({ device }) => device))),
  );
  const devices = devicesOn(world, vm.host);
  return {
    world,
    vm,
    index,
    vsmmu: vm.vsmmus[index] as Vsmmu,
    devices: devices.length > 0 ? devices : platform.devices,
    free: devices.filter(({ id }) => !plugged.has(id)),
  };
}

/** The devices that are in a host. */
export function devicesOn({ platform }: World, host: number): readonly DeviceHardware[] {
  return platform.devices.filter((device) => (device.host ?? 0) === host);
}
