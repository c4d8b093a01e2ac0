import type { IoctlName } from '../../spec/iommufd/ioctls.ts';
import type { Outcomes, OutcomeTable } from './outcome.ts';

/** What every ioctl of /dev/iommu can answer before its own rules are asked (rule R-8). */
const COMMON: Outcomes = {
  EBADF: 'the descriptor is not open',
  ENOTTY: 'the descriptor is an event queue, an eventfd or a bound device',
  EINVAL: 'the struct is shorter than its first version, or the descriptor is a device that is not bound',
  E2BIG: 'bytes beyond the struct that the kernel knows are not zero',
};

/** Adds a command's own outcomes; an EINVAL of its own has the common reasons beside its own. */
function ioctl(own: Outcomes): Outcomes {
  return { ...COMMON, ...own };
}

const RESERVED = 'an unknown flag, or a reserved field that is not zero';

/** The outcomes of the ioctls of /dev/iommu. Those without `ok` have no driver here that could serve them. */
export const IOMMUFD_OUTCOMES: OutcomeTable<IoctlName> = {
  destroy: ioctl({
    ok: 'the object is gone (R-1)',
    ENOENT: 'no object has the id, or a tombstone does (R-1, R-6)',
    EBUSY: 'another object, an attachment or a file refers to it (R-1)',
  }),
  ioasAlloc: ioctl({ ok: 'an empty IOVA space', EOPNOTSUPP: RESERVED }),
  ioasAllowIovas: ioctl({
    ok: 'the list is replaced (R-13)',
    EOPNOTSUPP: RESERVED,
    ENOENT: 'no such IOAS',
    EFAULT: 'the list is not readable',
    EINVAL: 'a range is empty or the wrong way round, or two overlap (R-13)',
    EADDRINUSE: 'a range lies in a reserved one; the old list stays (R-13)',
  }),
  ioasCopy: ioctl({
    ok: 'the pages are mapped a second time (R-12)',
    EOPNOTSUPP: RESERVED,
    EOVERFLOW: 'a range leaves the address space (R-12)',
    EINVAL: 'no protection, no or an unaligned length or IOVA, or a reserved target (R-9, R-12)',
    ENOENT: 'no such IOAS, or the source is not mapped without a gap (R-12)',
    EEXIST: 'something is mapped at the target (R-9)',
    ENOSPC: 'no hole is large enough (R-9)',
    EPERM: 'write access to pages that were given for reading (R-12)',
    EFAULT: 'a domain is there and the pages cannot be pinned (R-10)',
  }),
  ioasIovaRanges: ioctl({
    ok: 'what is not reserved (R-15)',
    EOPNOTSUPP: RESERVED,
    ENOENT: 'no such IOAS',
    EFAULT: 'the buffer is not writable',
    EMSGSIZE: 'the buffer is too small; it is told how many there are (R-15)',
  }),
  ioasMap: ioctl({
    ok: 'the range is mapped (R-9)',
    EOPNOTSUPP: RESERVED,
    EOVERFLOW: 'IOVAs or user addresses leave the address space (R-9)',
    EINVAL: 'no protection, no or an unaligned length, IOVA or user address, or a reserved IOVA (R-9)',
    ENOENT: 'no such IOAS',
    EEXIST: 'something is mapped there (R-9)',
    ENOSPC: 'no hole is large enough (R-9)',
    EFAULT: 'a domain is there and the memory cannot be pinned (R-10)',
  }),
  ioasMapFile: ioctl({
    EOPNOTSUPP: RESERVED,
    EOVERFLOW: 'the range leaves the address space (R-9)',
    EINVAL: 'no protection, no length, a file that is no memory, or a range that does not suit (R-9, R-18)',
    ENOENT: 'no such IOAS',
    EBADF: 'the file is not open (R-18)',
    ok: 'the file is mapped: one in memory, or, where the kernel takes any, any (F-12)',
    EEXIST: 'something is mapped there (R-9)',
  }),
  ioasUnmap: ioctl({
    ok: 'every area of the range is gone (R-11)',
    ENOENT: 'no such IOAS, nothing mapped, or an area only partly inside (R-11)',
    EOVERFLOW: 'the range leaves the address space (R-11)',
    EINVAL: 'no length (R-11)',
  }),
  ioasChangeProcess: ioctl({
    ok: 'nothing is mapped, so nothing has to move (R-18)',
    EOPNOTSUPP: RESERVED,
    EINVAL: 'something is mapped that is not a file (R-18)',
  }),
  option: ioctl({
    ok: 'read, or set (R-7)',
    EOPNOTSUPP: 'an unknown option or operation, a reserved field, or an object for RLIMIT_MODE (R-7)',
    EPERM: 'RLIMIT_MODE without CAP_SYS_RESOURCE (R-7)',
    EBUSY: 'RLIMIT_MODE once any object exists (R-7)',
    EINVAL: 'a value other than 0 and 1, or huge pages off while domains hold mappings (R-7)',
    ENOENT: 'no such IOAS',
    EADDRINUSE: 'huge pages off with areas that are not aligned to pages (R-7)',
  }),
  vfioIoas: ioctl({
    ok: 'read, set or cleared',
    EOPNOTSUPP: 'an unknown operation, or a reserved field that is not zero',
    ENOENT: 'no such IOAS',
    ENODEV: 'none is set',
  }),
  hwptAlloc: ioctl({
    ok: 'a paging HWPT (R-20) or a nested one (R-22)',
    EOPNOTSUPP: 'reserved fields, or flags or data that this kind of HWPT cannot have (R-19 to R-22)',
    EINVAL: 'data without its type, or a parent of the wrong kind, pSMMU or data type (R-19, R-22)',
    ENOENT: 'no such device or fault queue (R-19)',
    ENOSPC: 'every VMID of the pSMMU is taken',
    EADDRINUSE: 'what is mapped or allowed lies outside the aperture, or is not aligned to pages (R-16)',
    EFAULT: 'what is mapped cannot be pinned (R-10), or the STE is not readable',
    EIO: 'an STE with fields or a Config that only the host may set (R-23)',
  }),
  getHwInfo: ioctl({
    ok: 'the ID registers of the pSMMU',
    EOPNOTSUPP: 'an unknown flag, a reserved field, or data of another kind of IOMMU',
    ENOENT: 'no such device',
    EFAULT: 'the buffer is not writable',
  }),
  hwptSetDirtyTracking: ioctl({
    EOPNOTSUPP: 'an unknown flag or a reserved field; else no domain here tracks writes',
    ENOENT: 'no such paging HWPT',
  }),
  hwptGetDirtyBitmap: ioctl({
    EOPNOTSUPP: 'an unknown flag or a reserved field; else no domain here tracks writes',
    ENOENT: 'no such paging HWPT',
    EOVERFLOW: 'the range leaves the address space',
    EINVAL: 'a range that is not aligned to the page size asked for',
  }),
  hwptInvalidate: ioctl({
    ok: 'the commands went to the pSMMU, or an empty array asked for the type (R-28, R-29)',
    EOPNOTSUPP: 'a reserved field, or a nested HWPT, which this driver invalidates by its vIOMMU (R-28)',
    EINVAL: 'entries without length or memory, too many or too long, or of another type (R-28, R-29)',
    ENOENT: 'no such object (R-28)',
    EFAULT: 'the array is not readable to its end',
    E2BIG: 'bytes beyond the struct, or beyond a command in its entry, are not zero',
    EIO: 'a command that guests may not issue, or a StreamID without a vDEVICE (R-29)',
  }),
  faultQueueAlloc: ioctl({
    ok: 'a queue and its file',
    EOPNOTSUPP: RESERVED,
    EFAULT: 'the answer cannot be written to the struct',
  }),
  viommuAlloc: ioctl({
    ok: 'a slice of the pSMMU (R-25)',
    EOPNOTSUPP: 'a flag, a reserved field, a type that the pSMMU is not, or a device without CANWBS (R-25)',
    ENOENT: 'no such device or paging HWPT (R-25)',
    EINVAL: 'an HWPT that is no nesting parent, or one of another pSMMU (R-25)',
    ENOSPC: 'every VMID of the pSMMU is taken',
  }),
  vdeviceAlloc: ioctl({
    ok: 'the device has a virtual StreamID (R-26)',
    ENOENT: 'no such vIOMMU or device (R-26)',
    EINVAL: 'the device is behind another pSMMU (R-26)',
    EEXIST: 'the device has a vDEVICE, or the virtual StreamID is taken (R-26)',
    EOPNOTSUPP: 'the device has several StreamIDs (R-26)',
  }),
  veventqAlloc: ioctl({
    ok: 'a queue and its file (R-31)',
    EOPNOTSUPP: 'a flag, a reserved field, or no type (R-31)',
    EINVAL: 'a depth of 0 or more than a queue may have (R-31)',
    ENOENT: 'no such vIOMMU',
    EEXIST: 'the vIOMMU has a queue of this type (R-31)',
    EFAULT: 'the answer cannot be written to the struct',
  }),
  hwQueueAlloc: ioctl({
    ok: 'hardware reads the queue in guest memory, which stays pinned',
    EOPNOTSUPP: 'a flag, or no type (R-36), or an IOMMU that has no such queues to give away',
    EINVAL: 'no length (R-36), no memory behind it, or more queues than there are',
    EEXIST: 'the queue is there already',
    EIO: 'the queue before it is not there',
    EFAULT: 'its pages do not lie one after the other',
    EADDRINUSE: 'the IOAS has mappings that do not begin and end with a page',
    EOVERFLOW: 'the queue leaves the address space (R-36)',
    ENOENT: 'no such vIOMMU',
  }),
};
