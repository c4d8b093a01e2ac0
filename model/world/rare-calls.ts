import {
  bool,
  descriptor,
  inUnit,
  type NumberArgument,
  or,
  text,
  u32,
  u64,
  vm,
} from '../../spec/command/argument.ts';
import { type ArgsOfAll, command, made } from '../../spec/command/declaration.ts';
import { COMPAT_CALLS } from '../../spec/iommufd/compat.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';

const FD = { fd: descriptor('fd') };
const IOMMUFD = { fd: descriptor('iommufd') };
const CDEV = { fd: descriptor('cdev') };

function argsz(bytes: number): NumberArgument {
  return { ...or(bytes, u32), unit: 'bytes' };
}

const length = inUnit('bytes', u64);

/** Calls that recordings have and few scopes make: those of container programs, of devices, and on files of any kind. */
export const RARE_COMMANDS = {
  compatApiVersion: command(['vmm'], COMPAT_CALLS.compatApiVersion.sentence, IOMMUFD),
  compatGetInfo: command(['vmm'], COMPAT_CALLS.compatGetInfo.sentence, {
    ...IOMMUFD,
    argsz: argsz(COMPAT_CALLS.compatGetInfo.size),
  }),
  compatMapDma: command(['vmm'], COMPAT_CALLS.compatMapDma.sentence, {
    ...IOMMUFD,
    argsz: argsz(COMPAT_CALLS.compatMapDma.size),
    flags: u32,
    vaddr: u64,
    iova: u64,
    length,
  }),
  hotResetInfo: command(['vmm'], DEVICE_CALLS.hotResetInfo.sentence, {
    ...CDEV,
    argsz: argsz(DEVICE_CALLS.hotResetInfo.size),
  }),
  hotReset: command(['vmm'], DEVICE_CALLS.hotReset.sentence, {
    ...CDEV,
    argsz: argsz(DEVICE_CALLS.hotReset.size),
    flags: u32,
    count: u32,
  }),
  deviceFeature: command(['vmm'], DEVICE_CALLS.deviceFeature.sentence, {
    ...CDEV,
    argsz: argsz(DEVICE_CALLS.deviceFeature.size),
    flags: u32,
  }),
  compatCheckExtension: command(['vmm'], COMPAT_CALLS.compatCheckExtension.sentence, {
    ...IOMMUFD,
    extension: u32,
  }),
  compatSetIommu: command(['vmm'], COMPAT_CALLS.compatSetIommu.sentence, { ...IOMMUFD, type: u32 }),
  unknownIoctl: command(['vmm'], 'An ioctl whose number means nothing to any of these files.', FD),
  dup: command(['vmm'], 'dup(): a second descriptor of the same open file.', FD, made('fd', 'fd')),
  passFd: command(
    ['vmm'],
    'Another process gets a descriptor of the same open file: fork(), SCM_RIGHTS, pidfd_getfd().',
    { ...FD, to: vm },
    made('fd', 'fd'),
  ),
  exec: command(
    ['vmm'],
    'execve(): another program runs in the process, with the descriptors that are left.',
    {},
  ),
  exit: command(
    ['vmm'],
    'The process ends, by itself or killed: its mappings go, and its descriptors, the lowest first.',
    { killed: bool },
  ),
  changeMemory: command(
    ['vmm'],
    "munmap(), mprotect() or another mmap() of the process's own memory: what can be done with a range from then on.",
    { va: u64, length, access: { ...text, words: ['none', 'read', 'write'] } },
  ),
  openGroup: command(
    ['vmm'],
    'open("/dev/vfio/N") of an IOMMU group, beside which no device of it can be bound by its own file.',
    { group: u32 },
    made('fd', 'fd'),
  ),
  openFile: command(
    ['vmm'],
    'A file of `memory` (memfd) of so many bytes, 0 where that is not known, or any other (`plain`).',
    { of: { ...text, words: ['memory', 'plain'] }, size: length },
    made('fd', 'fd'),
  ),
};

export type FileCallArgs = ArgsOfAll<typeof RARE_COMMANDS>;

export type FileCallName = keyof FileCallArgs;
