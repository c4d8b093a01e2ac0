import './effects.ts';
import { COMPAT_IOCTLS } from '../../spec/iommufd/compat.ts';
import { IOCTLS, type IoctlName } from '../../spec/iommufd/ioctls.ts';
import { type CommandArgs, ioctlCommands } from '../world/command.ts';
import type { FileOperations, Files, Machine } from '../world/machine.ts';
import { refused } from '../world/result.ts';
import { vfioUnmapDma } from './compat-unmap.ts';
import { putContextRef, releaseQueue } from './destroy.ts';
import { POLLIN, pollQueue, readVeventq, smmuEvent } from './eventq.ts';
import { bootPageRequests } from './faults/waiting.ts';
import { iommufdIoctl, isIommufdIoctl } from './ioctl.ts';
import { NO_PINS } from './pins.ts';
import { iommufdPoints } from './rules.ts';

const iommufdFile: FileOperations<'iommufd'> = {
  ioctl(tx, { of: { ctx } }, name, args, actor) {
    if (name === 'vfioUnmapDma') return vfioUnmapDma(tx, ctx, args as CommandArgs['vfioUnmapDma']);
    if (!isIommufdIoctl(name)) return refused('ENOTTY');
    return iommufdIoctl(tx, ctx, name, args as CommandArgs[IoctlName] & never, actor);
  },
  poll: () => POLLIN,
  release: (tx, { ctx }) => putContextRef(tx, ctx),
};

const veventqFile: FileOperations<'veventq'> = {
  read: (tx, { of }, args) => readVeventq(tx, of.ctx, of.id, args),
  poll: (tx, { of }) => pollQueue(tx, of),
  release: releaseQueue,
};

export const IOMMUFD_FILES: Files<'iommufd' | 'veventq'> = { iommufd: iommufdFile, veventq: veventqFile };

/** /dev/iommu: contexts, their objects, and the drivers behind them. */
export const iommufd = {
  name: 'iommufd',
  commands: { ...ioctlCommands(IOCTLS, 'iommufd'), ...ioctlCommands(COMPAT_IOCTLS, 'iommufd') },
  handlers: {
    smmuEvent(tx, { words }, actor) {
      const device = tx.world.platform.devices.findIndex((d) => actor === `device:${d.id}`);
      return device < 0 ? refused('ENODEV') : smmuEvent(tx, device, words ?? []);
    },
  },
  rules: { iommufd: iommufdPoints },
  facts: ['pins'],
  boot: ({ devices, mediated }) => ({
    contexts: [],
    pageRequests: devices.some(({ pageRequests = 0 }) => pageRequests > 0)
      ? bootPageRequests(devices.length)
      : null,
    pins: mediated === undefined && devices.every(({ mock }) => mock === undefined) ? null : NO_PINS,
  }),
} satisfies Machine;
