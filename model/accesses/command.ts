import { bool, descriptor, id, inUnit, u64 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command, made } from '../../spec/command/declaration.ts';

const RANGE = { iova: u64, length: inUnit('bytes', u64) };

/** What drivers of mediated devices do with the memory of their users, and processes with dma-bufs. */
export const ACCESS_COMMANDS = {
  mdevPin: command(['device'], "The acting device's driver pins pages (vfio_pin_pages()).", {
    ...RANGE,
    write: bool,
  }),
  mdevUnpin: command(['device'], "The acting device's driver unpins what it pinned at once.", RANGE),
  mdevRw: command(
    ['device'],
    "The acting device's driver reads or writes by way of the kernel (vfio_dma_rw()).",
    {
      ...RANGE,
      write: bool,
    },
  ),
  mdevAttachBegins: command(
    ['vmm'],
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT of a mediated device by another thread, until its driver is asked to unpin.',
    { fd: descriptor('cdev'), ptId: id('pt') },
  ),
  exportBar: command(
    ['vmm'],
    'VFIO_DEVICE_FEATURE_DMA_BUF of a bound device: BAR0 as a file.',
    { fd: descriptor('cdev') },
    made('fd', 'fd'),
  ),
};

export type AccessArgs = ArgsOfAll<typeof ACCESS_COMMANDS>;
