import { hasSmmu } from '../platforms.ts';
import { attachedTo, boundOf, nameOf } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';
import { nestedDevices, onParents } from './vmm-parent-is-asked-for.ts';

export const vmmUnplugOpensNothing: CallsProperty = {
  kind: 'calls',
  id: 'vmm-unplug-opens-nothing',
  sentence:
    "A device that is taken from a vSMMU goes from what its STE asked to nothing, not by way of the nesting parent, where it reaches all of the guest's memory.",
  source: 'IHI0070 3.2; semantics of VFIO hot-unplug; iommufd.h: IOMMU_HWPT_ALLOC_NEST_PARENT',
  appliesTo: hasSmmu,
  brokenBy: 'unplug-by-parent',
  watch: () => {
    const nested = new Set<number>();
    /** Devices that came to the parent from a nested HWPT. */
    const opened = new Map<number, number>();
    return watchCalls((call, witness) => {
      const { before, world, command } = call;
      if (command.command === 'vfioDetach') {
        const bound = boundOf(before, command.actor, command.args.fd);
        if (bound !== null && call.result.ok && attachedTo(bound.context, bound.devId) !== null) {
          if (nested.has(bound.device)) witness();
          const hwpt = opened.get(bound.device);
          if (hwpt !== undefined)
            return `${nameOf(before, bound.device)} is detached, and was put on HWPT ${hwpt}, the parent of its vIOMMU, before that`;
        }
      }
      if (world === before) return null;
      for (const device of nestedDevices(world)) {
        nested.add(device);
        opened.delete(device);
      }
      for (const { device, hwpt } of onParents(world)) if (nested.has(device)) opened.set(device, hwpt);
      return null;
    });
  },
};
