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
  openOther: { ok: 'a file that is neither' },
  close: { ok: 'the descriptor is free', EBADF: 'the descriptor is not open' },
  read: {
    ok: 'whole events, or none while the queue is empty (R-33)',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no event queue, or no room for a header or the first event (R-33)',
    ESPIPE: 'not at the start of the file (R-33), or not whole page requests (R-34)',
  },
  poll: { ok: 'whether events wait' },
  write: {
    ok: 'no response at all',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no fault queue, or a response to no request (R-34)',
    ESPIPE: 'not whole responses (R-34)',
  },
  mmapBar: {
    ok: 'the mapping holds the device file',
    EBADF: 'the descriptor is not open',
    EINVAL: 'no device file, or one that is not bound',
  },
  munmapBar: { ok: 'the mapping is gone, or was not there' },
  smmuEvent: { ok: 'the event goes to a guest or to the host (R-35)', ENODEV: 'the actor is no device' },
};
