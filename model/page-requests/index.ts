import { releaseQueue } from '../iommufd/destroy.ts';
import { pollQueue } from '../iommufd/eventq.ts';
import type { Files, Machine } from '../world/machine.ts';
import { PAGE_REQUEST_COMMANDS } from './command.ts';
import { readFaultQueue, writeFaultQueue } from './queue.ts';
import { pageRequest } from './report.ts';
import { pageRequestsPoints } from './rules.ts';

export const PAGE_REQUEST_FILES: Files<'fault'> = {
  fault: {
    read: (tx, { of }, args) => readFaultQueue(tx, of.ctx, of.id, args),
    write: (tx, { of }, args) => writeFaultQueue(tx, of.ctx, of.id, args),
    poll: (tx, { of }) => pollQueue(tx, of),
    release: releaseQueue,
  },
};

/** Devices that make page requests, and the queues from which processes answer them. */
export const pageRequests = {
  name: 'page-requests',
  commands: PAGE_REQUEST_COMMANDS,
  handlers: { pageRequest },
  rules: { pageRequests: pageRequestsPoints },
  // What waits stands with iommufd, which answers it where an HWPT goes.
  boot: () => ({}),
} satisfies Machine;
