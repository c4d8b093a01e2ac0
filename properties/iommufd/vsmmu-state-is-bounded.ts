import { hasVsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const vsmmuStateIsBounded: StateProperty = {
  id: 'vsmmu-state-is-bounded',
  sentence: 'A vSMMU keeps state only for its devices, however many StreamIDs its guest names.',
  source: 'IHI0070 4.3.1 (CFGI_STE): a guest has 2^32 StreamIDs to name, and a VMM its memory from the host',
  kind: 'state',
  appliesTo: hasVsmmu,
  brokenBy: 'named-streams-kept',
  violated(world) {
    for (const { name, vsmmus } of world.vms) {
      for (const [index, { named, devices }] of vsmmus.entries()) {
        const stray = named.find((streamId) => !devices.some(({ vsid }) => vsid === streamId));
        if (stray !== undefined)
          return `vSMMU ${index} of ${name} remembers StreamID 0x${stray.toString(16)}, which is no device's`;
      }
    }
    return null;
  },
  witness: (world) => world.vms.some(({ running }) => running),
};
