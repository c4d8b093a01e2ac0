import type { VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import type { Outcomes, OutcomeTable } from './outcome.ts';

/** What every ioctl of a device file can answer before its own rules are asked. */
const COMMON: Outcomes = {
  EBADF: 'the descriptor is not open',
  ENOTTY: 'the descriptor is no device file',
  EINVAL: 'the device file is not bound (R-50), or the struct is too short',
};

/** Adds a command's own outcomes; an EINVAL of its own has the common reasons beside its own. */
function ioctl(own: Outcomes): Outcomes {
  return { ...COMMON, ...own };
}

/** The outcomes of the ioctls of /dev/vfio/devices/… (linux/vfio.h). */
export const VFIO_OUTCOMES: OutcomeTable<VfioIoctlName> = {
  vfioBind: ioctl({
    ok: 'the device belongs to the context (R-5)',
    EBADF: 'this descriptor, or that of the iommufd, is not open (R-50)',
    EBADFD: 'what should be the iommufd is another file (R-50)',
    EINVAL: 'no iommufd, an unknown flag, or a second BIND of the file or of the device (R-50)',
    EFAULT: 'the token is not readable (R-50)',
    EBUSY: 'the file of its group is open (R-50)',
    E2BIG: 'a longer struct than the kernel knows, which is not zero there',
    EPERM: 'a device of the same group belongs to another context (R-5)',
  }),
  vfioAttach: ioctl({
    ok: 'the device, and its group with it, is on the HWPT (R-37)',
    EINVAL:
      'an unknown flag, a PASID that the device cannot have or an HWPT that was not made for one (R-40, R-41), an object or pSMMU that does not suit, or not what the group is on (R-37, R-38, R-45)',
    ENOENT:
      'no such object (R-37), or translation by a guest whose vIOMMU has no vDEVICE for the device (R-27)',
    ENOSPC: 'a PASID of more than 31 bits, or every VMID is taken and the automatic HWPT needs one',
    EADDRINUSE: 'the MSI window is in use (R-14), or what is mapped does not fit the automatic HWPT (R-16)',
    EFAULT:
      'the answer cannot be written (F-5), or what is mapped cannot be pinned for the automatic HWPT (R-10)',
    EBUSY: 'a device of the group is being reset (R-41, R-51)',
  }),
  vfioDetach: ioctl({
    ok: 'the device is off its HWPT, or was not on any (R-43)',
    EINVAL: 'an unknown flag, or a PASID that the struct is too short for',
  }),
  vfioSetIrqs: ioctl({
    ok: 'vectors are enabled, triggered or switched off',
    EBADF: 'this descriptor, or that of an eventfd, is not open',
    EINVAL:
      'an index or interrupts that the device does not have, data that is too short, no eventfd, another kind of interrupt is on, or nothing is on',
    ENOTTY: 'no device file, or an action that such interrupts do not have',
    EFAULT: 'the data are not readable',
    EBUSY: 'an eventfd unmasks the line already',
    ERANGE: 'no vector at all is asked for, and none is on',
    ENOSPC: 'nothing is attached, so that a doorbell has no place',
    EOVERFLOW: 'the context has no room for another doorbell (R-48)',
  }),
  vfioGetInfo: ioctl({ ok: 'how many regions and interrupts there are' }),
  vfioGetRegionInfo: ioctl({
    ok: 'size and place of a region',
    EINVAL: 'a region that PCI devices do not have',
  }),
  vfioGetIrqInfo: ioctl({
    ok: 'how many interrupts of an index there are',
    EINVAL: 'no such index, or errors of a device that is not on PCI Express',
  }),
  vfioReset: ioctl({ ok: 'the function is reset', EINVAL: 'nothing can reset it' }),
};
