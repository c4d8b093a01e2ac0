import './effects.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import { POLLIN } from '../iommufd/eventq.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Files, Machine } from '../world/machine.ts';
import { refused } from '../world/result.ts';
import { settlePins } from './account.ts';
import { ACCESS_COMMANDS } from './command.ts';
import { exportBar } from './dmabuf.ts';
import { mdevAttachBegins, mediatedIoctl, unbindMediated } from './mediated.ts';
import { accessesPoints } from './rules.ts';
import { mdevPin, mdevRw, mdevUnpin } from './use.ts';

export const ACCESS_FILES: Files<'mdev' | 'dmabuf'> = {
  mdev: {
    ioctl(tx, { index, of }, name, args, actor) {
      if (!Object.hasOwn(VFIO_IOCTLS, name)) return refused(of.bound === null ? 'EINVAL' : 'ENOTTY');
      const vfioArgs = args as CommandArgs[VfioIoctlName] & never;
      return mediatedIoctl(tx, index, of, name as VfioIoctlName, vfioArgs, actor);
    },
    poll: () => POLLIN,
    release(tx, { bound }) {
      if (bound !== null) unbindMediated(tx, bound);
    },
  },
  // Whether anybody still has the dma-buf is found as the command ends.
  dmabuf: {},
};

/** Mediated devices, whose drivers reach memory by accesses, and what they pin. */
export const accesses = {
  name: 'accesses',
  commands: ACCESS_COMMANDS,
  handlers: { mdevPin, mdevUnpin, mdevRw, mdevAttachBegins, exportBar },
  rules: { accesses: accessesPoints },
  // Pins stand with iommufd, whose areas they are about.
  boot: () => ({}),
  settle(before, tx) {
    if (before.pins !== null && tx.world !== before) settlePins(before, tx);
  },
} satisfies Machine;
