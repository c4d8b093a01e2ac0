import type { Override } from '../../../model/rules.ts';
import { cdTableOutlivesDevice } from './cd-table-outlives-device.ts';
import { mappingAtZeroUnseen } from './mapping-at-zero-unseen.ts';
import { repeatedStreamRefused } from './repeated-stream-refused.ts';

/** Bugs that show when the host finds a device. */
export const PROBE_DEFECTS: readonly Override[] = [
  repeatedStreamRefused,
  mappingAtZeroUnseen,
  cdTableOutlivesDevice,
];
