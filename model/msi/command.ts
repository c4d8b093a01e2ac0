import { descriptor, device, id, inUnit, u32, u64 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';

const CDEV = { fd: descriptor('cdev') };

/** What concerns MSIs and is no call of Linux 7.2: devices, the host, and calls that only some designs have. */
export const MSI_COMMANDS = {
  fireMsi: command(['device'], 'The acting device raises a vector: the write that its message says.', {
    vector: u32,
  }),
  moveInterrupt: command(['host'], 'The host moves an interrupt to another CPU.', { device, vector: u32 }),
  readReserved: command(
    ['vmm'],
    'The reserved regions of a device as sysfs shows them (…/iommu_groups/N/reserved_regions).',
    { device },
  ),
  beginSetIrqs: command(
    ['vmm'],
    "A thread of the process is in VFIO_DEVICE_SET_IRQS of a device's first vector: it has looked up the doorbell's page.",
    CDEV,
  ),
  endSetIrqs: command(['vmm'], "The thread in SET_IRQS puts the doorbell's page into the list.", CDEV),
  vfioPrepareMsi: command(
    ['vmm'],
    'VFIO_IRQ_SET_ACTION_PREPARE: what the guest has in a vector, and where its machine has the doorbell (designs that forward).',
    { ...CDEV, vector: u32, ipa: u64, address: u64, value: u32 },
  ),
  ioasMapMsi: command(['vmm'], "IOAS_MAP_MSI: the doorbells of a device's ITS at an IOVA (`ioas-map-msi`).", {
    fd: descriptor('iommufd'),
    ioasId: id('ioas'),
    devId: id('device'),
    iova: u64,
    length: inUnit('bytes', u64),
  }),
  mmapIts: command(['vmm'], "mmap() of an ITS's doorbells, which the interrupt layer offers (`its-mmap`).", {
    its: u32,
    va: u64,
  }),
  munmapIts: command(['vmm'], "munmap() of an ITS's doorbells.", { va: u64 }),
};

export type MsiArgs = ArgsOfAll<typeof MSI_COMMANDS>;

const VECTOR = { vsmmu: u32, vsid: u32, vector: u32 };

/** What a guest (actor `guest:<vm>`) does with the vectors of a device that it sees. */
export const VECTOR_COMMANDS = {
  programVector: command(
    ['guest'],
    "The guest writes address and data into the device's table of vectors, which its VMM traps.",
    { ...VECTOR, address: u64, value: u32 },
  ),
  enableVector: command(
    ['guest'],
    "The guest switches a vector on (in a machine without MSIs: the device's INTx).",
    VECTOR,
  ),
  disableVector: command(['guest'], 'The guest switches a vector off.', VECTOR),
};

export type VectorArgs = ArgsOfAll<typeof VECTOR_COMMANDS>;
