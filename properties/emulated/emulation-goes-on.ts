import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { emulatedAccess } from './emulation.ts';

export const emulationGoesOn: StepProperty = {
  id: 'emulation-goes-on',
  sentence: 'Whatever a guest writes into its tables, the emulator does not end.',
  source: 'IHI0070 5.2, 5.4: an illegal STE or CD gives an event',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'ends-at-reserved-ips',
  violated(transition) {
    const access = emulatedAccess(transition);
    return access?.answer.ends === 1 ? 'a DMA makes the emulator read what it asserts not to be there' : null;
  },
  witness: (transition) => emulatedAccess(transition)?.answer.event !== undefined,
};
