import type { LegacyCommandName } from '../../model/legacy/command.ts';
import type { OutcomeTable } from './outcome.ts';

const NO_CONTAINER = 'the container is not open';
const NO_GROUP = 'the group is not open';
const NO_DEVICE_FILE = 'no descriptor of the device is open';

/**
 * The outcomes of the calls of VFIO's old containers, and of what devices and the host do. linux/vfio.h promises no more
 * than -errno for nearly all of them: which one it is, and the order of the checks, was read in the drivers.
 */
export const LEGACY_OUTCOMES: OutcomeTable<LegacyCommandName | 'fireMsi'> = {
  containerOpen: { ok: 'an empty container', ENOMEM: 'as many are open as there can be' },
  containerClose: { ok: 'the file is closed; groups keep the container', EBADF: NO_CONTAINER },
  containerCheckExtension: { ok: 'whether the extension is there', EBADF: NO_CONTAINER },
  containerGetInfo: {
    ok: 'page size, and what can be mapped, or how much room that takes',
    EBADF: NO_CONTAINER,
    EINVAL: 'no IOMMU is set, or the struct is too short',
  },
  containerSetIommu: {
    ok: 'every group is on a domain',
    EBADF: NO_CONTAINER,
    EINVAL:
      'no group, a second time, an extension that is no type, or an IOMMU without the nesting attribute',
    ENODEV: 'nobody has the extension',
    EPERM: 'writes of a device may raise interrupts of others',
  },
  containerMapDma: {
    ok: 'the range is mapped in every domain',
    EBADF: NO_CONTAINER,
    EINVAL:
      'no IOMMU is set, a short struct, a flag, no access, no or an unaligned size, a range that wraps, or one that cannot be mapped',
    EOVERFLOW: 'a range that wraps (Linux 7.2)',
    ENOENT: 'no mapping there to give an address to',
    EEXIST: 'something is mapped there',
    ENOSPC: 'there are as many mappings as a container takes',
    EFAULT: 'the memory cannot be pinned',
  },
  containerUnmapDma: {
    ok: 'what was mapped there is gone, as the type has it',
    EBADF: NO_CONTAINER,
    EINVAL:
      'no IOMMU is set, a short struct, a flag, an unaligned range or one that wraps, or on v2 one that cuts a mapping',
    EOVERFLOW: 'a range that wraps (Linux 7.2)',
  },
  groupOpen: { ok: 'the one descriptor of the group', ENODEV: 'no such group', EBUSY: 'it is open' },
  groupClose: { ok: 'the file is closed; devices keep the group', EBADF: NO_GROUP },
  groupSetContainer: {
    ok: 'the group is in the container',
    EBADF: 'the group or the container is not open',
    EINVAL: 'it is in one, or does not suit what is mapped there',
    EPERM: 'a driver of the host has a device, or writes of a device may raise interrupts of others',
  },
  groupUnsetContainer: {
    ok: 'the group is in no container',
    EBADF: NO_GROUP,
    EINVAL: 'it was in none',
    EBUSY: 'a device is open',
  },
  groupGetDevice: {
    ok: 'a descriptor of the device',
    EBADF: NO_GROUP,
    ENODEV: 'the group has no such device, or a driver of the host has it',
    EINVAL: 'the group is in no container with an IOMMU',
  },
  groupCloseDevice: { ok: 'the descriptor is closed', EBADF: NO_DEVICE_FILE },
  groupSetIrqs: {
    ok: 'vectors are on, or off',
    EBADF: NO_DEVICE_FILE,
    EINVAL: 'more vectors than there are or than were switched on, or off what is off',
    ENOMEM: 'a doorbell cannot be mapped',
  },
  groupBeginSetIrqs: {
    ok: 'a thread has looked for the page',
    EBADF: NO_DEVICE_FILE,
    EINVAL: 'the vector is on, or no list has to do with it',
  },
  groupEndSetIrqs: { ok: 'the thread is through', EINVAL: 'there is none' },
  hostDriverBind: {
    ok: 'a driver of the host has the device',
    ENODEV: 'the group has no such device',
    EBUSY: 'somebody has the device, or a user the group',
  },
  hostDriverUnbind: { ok: 'nobody has the device', ENODEV: 'no driver of the host had it' },
  hostDriverSetIrqs: {
    ok: 'its vectors are on, or off',
    ENODEV: 'no driver of the host has the device',
    EINVAL: 'its vectors are on',
    ENOSPC: 'the device has fewer',
  },
  legacyDma: {
    ok: 'memory or a doorbell is reached',
    ENODEV: 'no such group',
    EIO: 'the group is on no domain of a user',
    EFAULT: 'nothing is mapped there, or not for this',
  },
  fireMsi: { ok: 'the message is written', EINVAL: 'the vector is off' },
};
