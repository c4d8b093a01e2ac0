import { bool, device, inUnit, or, u32, u64 } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';
import { MAP_BYTES, UNMAP_BYTES } from '../../spec/vfio/container.ts';

const CONTAINER = { container: u32 };
const GROUP = { group: u32 };
const GROUP_DEVICE = { group: u32, device };
const GROUP_VECTORS = { group: u32, device, count: or(1, u32) };
const RANGE = { iova: u64, length: inUnit('bytes', u64) };

/** Room for all capabilities with a few IOVA ranges. */
const GET_INFO_BYTES = 256;

const bytes = inUnit('bytes', u32);

/** The calls of VFIO's old containers, and what devices and the host do. Containers and groups are named by number. */
export const LEGACY_COMMANDS = {
  containerOpen: command(['vmm'], 'open("/dev/vfio/vfio"): tells the number of the container.', {}),
  containerClose: command(['vmm'], 'close() of a container.', CONTAINER),
  containerCheckExtension: command(['vmm'], 'VFIO_CHECK_EXTENSION: whether a container can do something.', {
    ...CONTAINER,
    extension: u32,
  }),
  containerGetInfo: command(['vmm'], 'VFIO_IOMMU_GET_INFO: page sizes and IOVA ranges of a container.', {
    ...CONTAINER,
    argsz: or(GET_INFO_BYTES, bytes),
  }),
  containerSetIommu: command(['vmm'], 'VFIO_SET_IOMMU: says of what type a container is.', {
    ...CONTAINER,
    type: u32,
  }),
  containerMapDma: command(['vmm'], 'VFIO_IOMMU_MAP_DMA: maps memory of the process.', {
    ...CONTAINER,
    argsz: or(MAP_BYTES, bytes),
    flags: u32,
    vaddr: u64,
    ...RANGE,
  }),
  containerUnmapDma: command(['vmm'], 'VFIO_IOMMU_UNMAP_DMA: unmaps the mappings of a range.', {
    ...CONTAINER,
    argsz: or(UNMAP_BYTES, bytes),
    flags: u32,
    ...RANGE,
  }),
  groupOpen: command(['vmm'], 'open("/dev/vfio/GROUP").', GROUP),
  groupClose: command(['vmm'], 'close() of a group.', GROUP),
  groupSetContainer: command(['vmm'], 'VFIO_GROUP_SET_CONTAINER: puts a group into a container.', {
    ...GROUP,
    ...CONTAINER,
  }),
  groupUnsetContainer: command(
    ['vmm'],
    'VFIO_GROUP_UNSET_CONTAINER: takes a group out of its container.',
    GROUP,
  ),
  groupGetDevice: command(['vmm'], 'VFIO_GROUP_GET_DEVICE_FD: opens a device of a group.', GROUP_DEVICE),
  groupCloseDevice: command(['vmm'], 'close() of a device of a group.', GROUP_DEVICE),
  groupSetIrqs: command(
    ['vmm'],
    'VFIO_DEVICE_SET_IRQS: the first vectors of a device on, or with a count of 0 all off.',
    GROUP_VECTORS,
  ),
  groupBeginSetIrqs: command(
    ['vmm'],
    "A thread of the process is in SET_IRQS of a device's first vector: it has looked for the doorbell's page.",
    GROUP_DEVICE,
  ),
  groupEndSetIrqs: command(
    ['vmm'],
    "The thread in SET_IRQS takes the doorbell's page, or makes one.",
    GROUP_DEVICE,
  ),
  hostDriverBind: command(['host'], 'A driver of the host takes a device.', GROUP_DEVICE),
  hostDriverUnbind: command(['host'], 'A driver of the host gives a device up.', GROUP_DEVICE),
  hostDriverSetIrqs: command(
    ['host'],
    'A driver of the host switches vectors of its device on, or off.',
    GROUP_VECTORS,
  ),
  legacyDma: command(['device'], 'A device of the group reads or writes.', {
    ...GROUP,
    iova: u64,
    write: bool,
  }),
};

export type LegacyArgs = ArgsOfAll<typeof LEGACY_COMMANDS>;

export type LegacyCommandName = keyof LegacyArgs;
