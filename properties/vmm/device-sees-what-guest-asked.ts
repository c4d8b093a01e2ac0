import { hasVsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstPlugged, placeText } from './look.ts';
import { actualTreatment, askedTreatments } from './look-stream.ts';

export const deviceSeesWhatGuestAsked: StateProperty = {
  id: 'device-sees-what-guest-asked',
  sentence: 'A nested device aborts, bypasses or translates exactly as CR0, GBPA and its STE say.',
  source: 'IHI0070 3.4 (Config), 3.21.3 (CFGI), 5.2 (STE), 6.3.9 (SMMUEN), 6.3.14 (GBPA)',
  kind: 'state',
  appliesTo: hasVsmmu,
  brokenBy: 'smmuen-reconfigures-nothing',
  violated: (world) =>
    firstPlugged(world, (placed) => {
      if (!placed.vm.running || placed.device.place?.kind !== 'nested') return null;
      const asked = askedTreatments(world, placed);
      const actual = actualTreatment(world, placed);
      if (asked.includes(actual)) return null;
      return `${placeText(placed)} should see ${asked.join(' or ')}, and sees ${actual}`;
    }),
  witness: (world) =>
    firstPlugged(world, (placed) =>
      placed.vm.running && actualTreatment(world, placed).startsWith('stage 1') ? true : null,
    ) !== null,
};
