import { VFIO_IRQ_SET, VFIO_PCI } from '../../../spec/vfio/constants.ts';
import { commandTable } from '../commands.ts';
import type { Family } from './family.ts';

const { DATA_NONE, DATA_EVENTFD, ACTION_TRIGGER } = VFIO_IRQ_SET;

/** struct vfio_irq_set with one descriptor. */
const BYTES = 24;

/** -1: the vector has no eventfd, which does not keep it from being enabled. */
const NO_FD = 0xffff_ffffn;

/** MSI vectors enabled, which gives their doorbell a page in the window, and disabled. */
export const interrupts: Family = ({ of }) => {
  const enable = commandTable((process, fd) =>
    of(process, 'vfioSetIrqs', {
      fd,
      argsz: BYTES,
      flags: DATA_EVENTFD | ACTION_TRIGGER,
      index: VFIO_PCI.MSI_IRQ,
      count: 1,
      data: [NO_FD],
    }),
  );
  const disable = commandTable((process, fd) =>
    of(process, 'vfioSetIrqs', { fd, flags: DATA_NONE | ACTION_TRIGGER, index: VFIO_PCI.MSI_IRQ }),
  );
  return ({ process, cdevs }, tried) => {
    for (const { fd, bound } of cdevs) {
      if (bound === null) continue;
      tried.push(enable(process, fd));
      tried.push(disable(process, fd));
    }
  };
};

const BAR_VA = 0x7f00_0000_0000n;
const BAR_STEP = 0x10_0000n;

/** BARs mapped, each device's at one place, and unmapped: a mapping keeps the file open. */
export const bars: Family = ({ scope, of }) => {
  const vaOf = (device: number): bigint => BAR_VA + BigInt(device) * BAR_STEP;
  const map = commandTable((process, fd, device) => of(process, 'mmapBar', { fd, va: vaOf(device) }));
  const unmap = commandTable((process, device) => of(process, 'munmapBar', { va: vaOf(device) }));
  return ({ process, world, actor, cdevs }, tried) => {
    const mappings = world.processes[actor]?.mappings ?? [];
    const isMapped = (device: number): boolean => mappings.some(({ va }) => va === vaOf(device));
    for (const { fd, device, bound } of cdevs)
      if (bound !== null && !isMapped(device)) tried.push(map(process, fd, device));
    for (let device = 0; device < scope.platform.devices.length; device++)
      if (isMapped(device)) tried.push(unmap(process, device));
  };
};
