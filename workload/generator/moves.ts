import { ATTACH_MOVES } from './attach.ts';
import { DESTROY_MOVES } from './destroy.ts';
import { EVENT_MOVES } from './events.ts';
import { FILE_MOVES } from './files.ts';
import { HWPT_MOVES } from './hwpt.ts';
import { IN_FLIGHT_MOVES } from './in-flight.ts';
import { INVALIDATE_MOVES } from './invalidate.ts';
import { IOAS_MOVES } from './ioas.ts';
import type { Move, UapiName } from './move.ts';
import { VFIO_MOVES } from './vfio.ts';
import { VIOMMU_MOVES } from './viommu.ts';

/** Every command, and when and how it is made. */
export const MOVES: { readonly [N in UapiName]: Move } = {
  ...FILE_MOVES,
  ...VFIO_MOVES,
  ...ATTACH_MOVES,
  ...IOAS_MOVES,
  ...HWPT_MOVES,
  ...VIOMMU_MOVES,
  ...INVALIDATE_MOVES,
  ...EVENT_MOVES,
  ...DESTROY_MOVES,
  ...IN_FLIGHT_MOVES,
};

export const COMMAND_NAMES = Object.freeze(Object.keys(MOVES)) as readonly UapiName[];
