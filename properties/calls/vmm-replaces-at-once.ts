import { objectOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import { attachedTo, boundOf, nameOf } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';

export const vmmReplacesAtOnce: CallsProperty = {
  kind: 'calls',
  id: 'vmm-replaces-at-once',
  sentence:
    'A device goes from one nested HWPT to the next by one attach, not by way of a detach: there is no moment in which its DMA has nowhere to go.',
  source: 'linux/vfio.h: VFIO_DEVICE_ATTACH_IOMMUFD_PT (an attached device is replaced); IHI0070 3.21.3.1',
  appliesTo: hasSmmu,
  brokenBy: 'detaches-to-replace',
  watch: () => {
    /** Devices that were detached from a nested HWPT. */
    const detached = new Map<number, number>();
    return watchCalls(({ before, world, command, result }, witness) => {
      if (!result.ok) return null;
      if (command.command === 'vfioDetach' && command.args.pasid === 0) {
        const bound = boundOf(before, command.actor, command.args.fd);
        const hwpt = bound === null ? null : attachedTo(bound.context, bound.devId);
        if (bound === null || hwpt === null) return null;
        if (objectOf(bound.context, hwpt, 'hwptNested') !== null) detached.set(bound.device, hwpt);
        return null;
      }
      if (command.command === 'close' || command.command === 'exit') {
        // An unplug ends with the device's file.
        for (const device of detached.keys())
          if (world.devices[device]?.opened === false) detached.delete(device);
        return null;
      }
      if (command.command !== 'vfioAttach' || command.args.pasid !== 0) return null;
      const bound = boundOf(world, command.actor, command.args.fd);
      const hwpt = bound === null ? null : attachedTo(bound.context, bound.devId);
      if (bound === null || hwpt === null || objectOf(bound.context, hwpt, 'hwptNested') === null)
        return null;
      const was = boundOf(before, command.actor, command.args.fd);
      if (was !== null && attachedTo(was.context, was.devId) !== null) witness();
      const old = detached.get(bound.device);
      return old === undefined
        ? null
        : `${nameOf(world, bound.device)} was detached from HWPT ${old} and then attached to HWPT ${hwpt}: in between its DMA was blocked`;
    });
  },
};
