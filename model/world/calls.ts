import { bool, descriptor, device, id, or, size, u64, words, wordsOf } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command, made } from '../../spec/command/declaration.ts';

/** What a read() can write to where its whole buffer is there. */
export const ALL_WRITABLE = 0xffff_ffff;

const FD = { fd: descriptor('fd') };
const IOMMUFD = { fd: descriptor('iommufd') };

/** Calls that are no ioctls, and what devices do. */
export const OTHER_COMMANDS = {
  openIommufd: command(['vmm'], 'open("/dev/iommu")', {}, made('iommufd', 'fd')),
  openCdev: command(
    ['vmm'],
    'open("/dev/vfio/devices/…") of a platform device, by its id.',
    { device },
    made('cdev', 'fd'),
  ),
  openOther: command(
    ['vmm'],
    'A descriptor that these machines know nothing of (an eventfd).',
    {},
    made('fd', 'fd'),
  ),
  close: command(['vmm'], 'close()', FD),
  read: command(
    ['vmm'],
    'read() of an event queue into a buffer of `count` bytes at file position `pos`; behind `writable` bytes lies nothing.',
    { ...FD, count: or(4096, size), pos: size, writable: or(ALL_WRITABLE, size), noMemory: bool },
  ),
  destroyBegins: command(
    ['vmm'],
    'DESTROY made by another thread of the process: begun, and ended by `callEnds`.',
    { ...IOMMUFD, id: id('any') },
  ),
  vdeviceAllocBegins: command(
    ['vmm'],
    'VDEVICE_ALLOC made by another thread of the process: begun, and ended by `callEnds`.',
    { ...IOMMUFD, viommuId: id('viommu'), devId: id('device'), virtId: u64 },
  ),
  mapFileBegins: command(
    ['vmm'],
    'MAP_FILE made by another thread of the process: its range is taken and has no pages until `callEnds`.',
    { ...IOMMUFD, ioasId: id('ioas'), fileFd: descriptor('fd'), iova: u64, length: u64 },
  ),
  attachBegins: command(
    ['vmm'],
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT made by another thread of the process: begun, and ended by `callEnds`.',
    { fd: descriptor('cdev'), ptId: id('any') },
  ),
  callEnds: command(['vmm'], "The oldest call of the process's other threads returns.", {}),
  poll: command(['vmm'], 'poll() of one descriptor.', FD),
  write: command(
    ['vmm'],
    'write() of answers to page requests: `count` bytes from `data`, zeros where it is shorter.',
    { ...FD, count: or(8, size), data: words },
  ),
  mmapBar: command(['vmm'], "mmap() of a device's BAR: keeps the file open until munmap.", {
    fd: descriptor('cdev'),
    va: u64,
  }),
  munmapBar: command(['vmm'], "munmap() of a device's BAR.", { va: u64 }),
  smmuEvent: command(
    ['device'],
    'The pSMMU records an event for a stream of the acting device (four event record words).',
    { words: wordsOf('event') },
  ),
  rescan: command(
    ['device'],
    "The host takes the acting device away and finds it again: its driver's tables for it are torn down and made anew.",
    {},
  ),
  resetBegins: command(
    ['device'],
    'The host resets the acting device: until it ends, requests are blocked and nothing is attached.',
    {},
  ),
  resetEnds: command(['device'], 'The reset of the acting device ends.', {}),
};

export type OtherArgs = ArgsOfAll<typeof OTHER_COMMANDS>;

/** The buffer of a read(), and what goes wrong in the middle of it. */
export type Reader = Omit<OtherArgs['read'], 'fd'>;
