import { vtdQemu11Deviations } from '../../../overrides/deviations/vtd-qemu-11/index.ts';
import type { Emulation } from '../emulation.ts';
import { seenOf } from './observe.ts';
import { OpenVtd } from './open.ts';
import { keyInWords, outcomeOf, stepName } from './words.ts';

export const VTD_EMULATION: Emulation = {
  name: 'emulated vt-d',
  known: vtdQemu11Deviations,
  seenOf,
  stepName,
  outcomeOf,
  inWords: keyInWords,
  // A record that is new sets PPF too.
  implied: (keys) => (keys.includes('record') ? ['FSTS'] : []),
  open: (platform) => new OpenVtd(platform),
};
