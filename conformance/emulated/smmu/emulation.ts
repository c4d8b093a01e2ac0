import { smmuQemu11Deviations } from '../../../overrides/deviations/smmu-qemu-11.ts';
import type { Emulation } from '../emulation.ts';
import { seenOf } from './observe.ts';
import { keyInWords, outcomeOf, stepName } from './words.ts';

export const SMMU_EMULATION: Emulation = {
  name: 'emulated smmuv3',
  known: smmuQemu11Deviations,
  seenOf,
  stepName,
  outcomeOf,
  inWords: keyInWords,
  // A record that is new moves the index too.
  implied: (keys) => (keys.includes('event') ? ['EVENTQ_PROD'] : []),
  open: () => null,
};
