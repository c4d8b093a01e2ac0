import type { Override } from '../../../model/rules.ts';
import { fixedFieldsUnchecked } from './fixed-fields-unchecked.ts';
import { illegalSteBitsDropped } from './illegal-ste-bits-dropped.ts';
import { laterDeviceNotConfigured } from './later-device-not-configured.ts';
import { refusedSteKeepsPrevious } from './refused-ste-keeps-previous.ts';

/** Where QEMU 11's accelerated vSMMU does not do what a guest is promised; read in its source. */
export const vmmQemu11: readonly Override[] = [
  laterDeviceNotConfigured,
  fixedFieldsUnchecked,
  illegalSteBitsDropped,
  refusedSteKeepsPrevious,
];
