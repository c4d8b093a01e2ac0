import { IDLE_DEVICE } from '../../model/host/device.ts';
import { sameState } from '../../model/world/equal.ts';
import { firstObject, objectOf } from '../look.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

/** The platform's number of the device that a step unplugged; null for other steps. */
function unplugged(transition: Transition): number | null {
  const args = argsOf(transition, 'unplug');
  if (args === null || !transition.result.ok) return null;
  return transition.world.platform.devices.findIndex(({ id }) => id === args.device);
}

/** What is left of a device in the kernel. */
function leftOf({ world, before }: Transition, device: number, id: string, vm: string): Violation {
  const state = world.devices[device];
  if (state !== undefined && !sameState(state, IDLE_DEVICE))
    return `${id} is not as it was before it was opened`;
  const left = firstObject(world, (object, objectId, context) => {
    const devId = object.type === 'device' ? objectId : object.type === 'vdevice' ? object.devId : -1;
    return objectOf(context, devId, 'device')?.device === device ? `${object.type} ${objectId}` : null;
  });
  if (left !== null) return `${left} of ${id} is left`;
  const empty = world.vms
    .find(({ name }) => name === vm)
    ?.vsmmus.every(({ devices }) => devices.length === 0);
  const files = world.processes[`vmm:${vm}`]?.fds.length ?? 0;
  return empty === true && files > 0 && before !== world
    ? `${files} descriptors of a VMM without devices`
    : null;
}

export const unplugLeavesNothing: StepProperty = {
  id: 'unplug-leaves-nothing',
  sentence: 'An unplug leaves no vDEVICE, no attachment, no open file and no StreamID in use.',
  source: 'IHI0070 3.2; include/uapi/linux/iommufd.h: IOMMU_VDEVICE_ALLOC; semantics of VFIO hot-unplug',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'unplug-keeps-device-open',
  violated(transition) {
    const device = unplugged(transition);
    const vm = vmOfCommand(transition.before, transition);
    const id = transition.world.platform.devices[device ?? -1]?.id;
    if (device === null || vm === null || id === undefined) return null;
    const left = leftOf(transition, device, id, vm.name);
    return left === null ? null : `after unplugging ${id}: ${left}`;
  },
  witness: (transition) => unplugged(transition) !== null,
};
