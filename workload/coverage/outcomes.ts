import type { UapiName } from '../generator/move.ts';
import { IOMMUFD_OUTCOMES } from './iommufd-outcomes.ts';
import type { OutcomeTable } from './outcome.ts';
import { VFIO_OUTCOMES } from './vfio-outcomes.ts';

/** Every command and every way in which it can end; anything else is a mistake, of the model or of these tables. */
export const OUTCOMES: OutcomeTable<UapiName> = {
  ...IOMMUFD_OUTCOMES,
  ...VFIO_OUTCOMES,
  openIommufd: { ok: 'a new context' },
  openCdev: { ok: 'a file, which is still to be bound', ENOENT: 'no such device' },
  openOther: { ok: 'an eventfd' },
  close: { ok: 'the descriptor is free', EBADF: 'the descriptor is not open' },
  read: {
    ok: 'whole events, or none while the queue is empty (R-33)',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no event queue, or no room for a header or the first event (R-33)',
    ESPIPE: 'not at the start of the file (R-33), or not whole page requests (R-34)',
    EFAULT: 'the first event cannot be copied to the buffer (R-33)',
    ENOMEM: 'no memory for the header of lost events',
  },
  destroyBegins: {
    ok: 'a DESTROY of another thread is on its way',
    EBADF: 'the descriptor is not open',
    ENOTTY: 'the descriptor is no iommufd',
  },
  vdeviceAllocBegins: {
    ok: 'a VDEVICE_ALLOC of another thread is on its way',
    EBADF: 'the descriptor is not open',
    ENOTTY: 'the descriptor is no iommufd',
  },
  mapFileBegins: {
    ok: 'a MAP_FILE of another thread is on its way',
    EBADF: 'the descriptor is not open',
    ENOTTY: 'the descriptor is no iommufd',
  },
  attachBegins: {
    ok: 'an attach of another thread is on its way',
    EBADF: 'the descriptor is not open',
    ENOTTY: 'the descriptor is no device file',
    EINVAL: 'the device is not bound',
  },
  callEnds: {
    ok: 'the oldest call in flight did what it was to do',
    EINVAL:
      'no call is in flight, a vDEVICE for a device behind another pSMMU (R-26), what MAP_FILE refuses so (R-18), or a group that is on another HWPT (R-38)',
    ENOENT: 'what the call names is not there (R-1, R-26)',
    EBUSY: 'what it was to destroy is in use (R-1)',
    EEXIST: 'the device has a vDEVICE, or the virtual StreamID is taken (R-26)',
    EOPNOTSUPP: 'a vDEVICE for a device with several StreamIDs (R-26)',
    EADDRINUSE: 'the group cannot be attached where areas use what it reserves (R-14)',
    EOVERFLOW: 'the range of a MAP_FILE leaves the address space (R-18)',
    EBADF: 'the file of a MAP_FILE is not open (R-18)',
    EFAULT: 'an IOAS that is attached has memory that cannot be pinned (R-16)',
  },
  vfioUnmapDma: {
    ok: 'every area of the range is gone, even where there was none',
    EBADF: 'the descriptor is not open',
    ENOTTY: 'the descriptor is an event queue, an eventfd or a bound device',
    EINVAL:
      'an unknown flag, no length, a range with ALL, areas that cannot be cut, or a device that is not bound',
    ENODEV: 'no IOAS is set for container calls',
    ENOENT: 'an area is only partly inside, and may not be cut (R-11)',
    EOVERFLOW: 'the range leaves the address space (R-11)',
  },
  poll: { ok: 'whether events wait' },
  write: {
    ok: 'no response at all',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no fault queue, or a response to no request (R-34)',
    ESPIPE: 'not whole responses (R-34)',
    EFAULT: 'the response is not readable (R-34)',
  },
  mmapBar: {
    ok: 'the mapping holds the device file',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no device file, or one that is not bound',
  },
  munmapBar: { ok: 'the mapping is gone, or was not there' },
  smmuEvent: { ok: 'the event goes to a guest or to the host (R-35)', ENODEV: 'the actor is no device' },
};
