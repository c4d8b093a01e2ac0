import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import { POLLIN } from '../iommufd/eventq.ts';
import { type CommandArgs, ioctlCommands } from '../world/command.ts';
import type { Files, Machine } from '../world/machine.ts';
import { refused } from '../world/result.ts';
import { unbind } from './bind.ts';
import { vfioIoctl } from './ioctl.ts';

export const VFIO_FILES: Files<'cdev'> = {
  cdev: {
    ioctl(tx, { index, of }, name, args, actor) {
      if (!Object.hasOwn(VFIO_IOCTLS, name)) return refused(of.bound === null ? 'EINVAL' : 'ENOTTY');
      const vfioArgs = args as CommandArgs[VfioIoctlName] & never;
      return vfioIoctl(tx, index, of.device, name as VfioIoctlName, vfioArgs, actor);
    },
    poll: () => POLLIN,
    release(tx, { device, bound }) {
      if (bound !== null) unbind(tx, device, bound);
    },
  },
};

/** Device files of VFIO: /dev/vfio/devices/…. */
export const vfio = {
  name: 'vfio',
  commands: ioctlCommands(VFIO_IOCTLS, 'cdev'),
  handlers: {},
  // What changes about devices stands with the host.
  boot: () => ({}),
} satisfies Machine;
