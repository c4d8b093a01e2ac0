import type { Command, Words } from '../../../model/world/command.ts';
import { VEVENTQ_TYPE } from '../../../spec/iommufd/constants.ts';
import { EventClass, encodeEvent } from '../../../spec/smmuv3/event.ts';
import { commandOf, commandTable } from '../commands.ts';
import { countAll, type Family, type Surroundings } from './family.ts';

/** Event queues of the smallest depth: the second event is lost. */
export const eventQueues: Family = ({ bounds, of }) => {
  const alloc = commandTable((process, fd, viommuId) =>
    of(process, 'veventqAlloc', { fd, viommuId, type: VEVENTQ_TYPE.ARM_SMMUV3, veventqDepth: 1 }),
  );
  const read = commandTable((process, fd, big) => of(process, 'read', { fd, count: big === 1 ? 4096 : 8 }));
  const poll = commandTable((process, fd) => of(process, 'poll', { fd }));
  return ({ process, world, contexts, veventqFds }, tried) => {
    const left = bounds.veventq - countAll(world, (type) => type === 'veventq');
    for (const { fd, viommus } of left > 0 ? contexts : [])
      for (const viommu of viommus) tried.push(alloc(process, fd, viommu));
    for (const { fd } of veventqFds) {
      tried.push(read(process, fd, 0));
      tried.push(read(process, fd, 1));
      tried.push(poll(process, fd));
    }
  };
};

/** Queues of page requests, which no device here makes. */
export const faultQueues: Family = ({ bounds, of }) => {
  const alloc = commandTable((process, fd) => of(process, 'faultQueueAlloc', { fd }));
  return ({ process, world, contexts }, tried) => {
    if (countAll(world, (type) => type === 'fault') >= bounds.fault) return;
    for (const { fd } of contexts) tried.push(alloc(process, fd));
  };
};

const access = { CLASS: EventClass.IN, RnW: 1, InputAddr: 0x4000n } as const;

/** One that is the guest's doing, and one that is stage 2's. */
const EVENTS: readonly Words[] = [
  encodeEvent('F_TRANSLATION', access),
  encodeEvent('F_TRANSLATION', { ...access, S2: 1, IPA: 0x4000n }),
];

/** Every device's DMA makes the pSMMU record an event. */
export const deviceEvents: Surroundings = ({ platform }) => {
  const events: Command[] = platform.devices.flatMap(({ id, streamIds }) =>
    EVENTS.map(([first = 0n, ...rest]) => {
      const words = [first | (BigInt(streamIds[0] ?? 0) << 32n), ...rest];
      return commandOf(`device:${id}`, 'smmuEvent', { words });
    }),
  );
  return (_world, tried) => {
    for (const event of events) tried.push(event);
  };
};
