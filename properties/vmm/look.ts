import type { DeviceHardware, IommuHardware } from '../../model/platform/platform.ts';
import type { VmmArgs, VmmCommandName } from '../../model/vmm/command.ts';
import type { PluggedDevice, Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { World } from '../../model/world/world.ts';
import type { Transition } from '../property.ts';

/** A device behind a vSMMU, and what it is behind. */
export interface Placed {
  readonly vm: Vm;
  readonly index: number;
  readonly vsmmu: Vsmmu;
  readonly device: PluggedDevice;
  readonly hardware: DeviceHardware;
  readonly psmmu: IommuHardware;
}

/** Calls back for every plugged device of every machine, until the callback gives something other than null. */
export function firstPlugged<R>(world: World, look: (placed: Placed) => R | null): R | null {
  const { devices, iommus } = world.platform;
  for (const vm of world.vms) {
    for (const [index, vsmmu] of vm.vsmmus.entries()) {
      for (const device of vsmmu.devices) {
        const hardware = devices.find(({ id }) => id === device.device);
        const psmmu = iommus[hardware?.iommu ?? -1];
        if (hardware === undefined || psmmu === undefined) continue;
        const found = look({ vm, index, vsmmu, device, hardware, psmmu });
        if (found !== null) return found;
      }
    }
  }
  return null;
}

/** The machine that the operator names or whose guest acts; null where there is none. */
export function vmOfCommand(world: World, { command }: Pick<Transition, 'command'>): Vm | null {
  const { args, actor } = command;
  const name = 'vm' in args ? args.vm : actor.startsWith('guest:') ? actor.slice('guest:'.length) : null;
  return world.vms.find((vm) => vm.name === name) ?? null;
}

/** A machine by its name. */
export function vmNamed(world: World, name: string): Vm | null {
  return world.vms.find((vm) => vm.name === name) ?? null;
}

/** A device in another world, if it is still behind the same vSMMU there. */
export function deviceAfter(world: World, { vm, index, device }: Placed): Placed | null {
  return firstPlugged(world, (placed) =>
    placed.vm.name === vm.name && placed.index === index && placed.device.device === device.device
      ? placed
      : null,
  );
}

/** The arguments of a step if it is this command of the operator or a guest, else null. */
export function argsOf<N extends VmmCommandName>({ command }: Transition, name: N): VmmArgs[N] | null {
  return command.command === name ? (command.args as unknown as VmmArgs[N]) : null;
}

/** A device by its place: `dev0 (vSMMU 1 of vm0, StreamID 0x10)`. */
export function placeText({ vm, index, device }: Pick<Placed, 'vm' | 'index' | 'device'>): string {
  return `${device.device} (vSMMU ${index} of ${vm.name}, StreamID 0x${device.vsid.toString(16)})`;
}
