import type { BoundCdev } from '../sight.ts';
import { oneIn, pick } from './choice.ts';
import { IOAS_MOVES } from './ioas.ts';
import { call, type Move } from './move.ts';
import { fdHandle, type Objects, objectAt, objectHandle, type View } from './view.ts';
import { VIOMMU_MOVES } from './viommu.ts';

/** Calls in flight at a time: enough for one to come between two ends of another. */
const MOST = 2;

function mayBegin({ process }: View): boolean {
  return process.calls.length < MOST;
}

const destroyBegins: Move = {
  weight: (view) => (mayBegin(view) && view.here !== null && view.here.table.length > 1 ? 1 : 0),
  make(view, draw) {
    const here = view.here as Objects;
    // What the kernel may destroy itself meanwhile is the more interesting half.
    const automatic = here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').autoDomain);
    const all = [...here.table.keys()].slice(1);
    const ids = automatic.length > 0 && oneIn(2, draw) ? automatic : all;
    return call(view, 'destroyBegins', {
      fd: fdHandle(view, here.fd as number),
      id: objectHandle(view, here, pick(ids, draw)),
    });
  },
};

const vdeviceAllocBegins: Move = {
  weight: (view) => (mayBegin(view) && VIOMMU_MOVES.vdeviceAlloc.weight(view) > 0 ? 2 : 0),
  make(view, draw) {
    const { actor, args } = VIOMMU_MOVES.vdeviceAlloc.make(view, draw);
    return { actor, command: 'vdeviceAllocBegins', args };
  },
};

const mapFileBegins: Move = {
  // Whoever has files that can be mapped makes it (`accesses.ts`).
  weight: () => 0,
  make(view, draw) {
    const { actor, args } = IOAS_MOVES.ioasMapFile.make(view, draw);
    const { fd, ioasId, fileFd, iova, length } = args;
    return {
      actor,
      command: 'mapFileBegins',
      args: { fd, ioasId, fileFd, iova, length } as typeof args,
    };
  },
};

/** A device to come onto an IOAS while others do. */
function attachable(view: View): readonly BoundCdev[] {
  return view.bound.filter(({ bound }) => bound.ctx === view.here?.ctx);
}

const attachBegins: Move = {
  weight: (view) =>
    mayBegin(view) && view.here !== null && view.here.ioases.length > 0 && attachable(view).length > 1
      ? 3
      : 0,
  make(view, draw) {
    const here = view.here as Objects;
    return call(view, 'attachBegins', {
      fd: fdHandle(view, pick(attachable(view), draw).fd),
      ptId: objectHandle(view, here, pick(here.ioases, draw)),
    });
  },
};

const callEnds: Move = {
  weight: ({ process }) => (process.calls.length > 0 ? 8 : 0),
  make: (view) => call(view, 'callEnds', {}),
};

/** What a process's other threads do. */
export const IN_FLIGHT_MOVES = {
  destroyBegins,
  vdeviceAllocBegins,
  mapFileBegins,
  attachBegins,
  callEnds,
} as const satisfies Readonly<Record<string, Move>>;
