import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { argsOf, firstPlugged, type Placed, placeText, vmOfCommand } from './look.ts';

function updated(transition: Transition): boolean {
  return argsOf(transition, 'liveUpdate') !== null && transition.result.ok;
}

/** The kernel's objects and what is attached to them, which no process that takes over has a reason to touch. */
function kernelTouched({ before, world }: Transition): Violation {
  if (before.groups !== world.groups && !sameState(before.groups, world.groups))
    return 'a device is attached to something else';
  return sameState(before.contexts, world.contexts) ? null : "the kernel's objects changed";
}

/** A device that the kernel has attached, and of which the new process does not know what to. */
function forgotten({ world }: Transition): Violation {
  return firstPlugged(world, (placed) => {
    const { place, parent } = placed.device;
    const hwpt = place === null && parent === null ? hwptOf(world, placed) : null;
    return hwpt === null ? null : `${placeText(placed)} is on HWPT ${hwpt}, which its VMM does not know`;
  });
}

/** What the kernel has a device on; null: on nothing. */
function hwptOf({ contexts }: World, { hardware, device }: Placed): number | null {
  for (const context of contexts) {
    const group = context?.groups.find((each) => each.group === hardware.group);
    if (group?.attach?.devices.includes(device.devId) === true) return group.attach.hwpt;
  }
  return null;
}

export const liveUpdateLosesNothing: StepProperty = {
  id: 'live-update-loses-nothing',
  sentence:
    'A process that takes over a machine from another changes nothing for the guest or in the kernel, and knows of every device that is attached what it is on.',
  source:
    "QEMU docs/devel/migration/CPR.rst: cpr-transfer; vfio/iommufd: Restore vbasedev's reference to hwpt",
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'second-device-forgotten',
  violated(transition) {
    if (!updated(transition)) return null;
    const [then, now] = [transition.before, transition.world].map((world) => vmOfCommand(world, transition));
    const guest = (vm: typeof now) => [vm?.memory, vm?.vsmmus.map((vsmmu) => ({ ...vsmmu, devices: [] }))];
    if (!sameState(guest(then), guest(now))) return 'the guest finds its machine changed';
    return kernelTouched(transition) ?? forgotten(transition);
  },
  witness: (transition) =>
    updated(transition) &&
    (vmOfCommand(transition.world, transition)?.vsmmus ?? []).flatMap(({ devices }) => devices).length > 1,
};
