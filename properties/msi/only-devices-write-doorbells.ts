import type { StateProperty } from '../property.ts';
import { followsInterrupts } from './platforms.ts';

export const onlyDevicesWriteDoorbells: StateProperty = {
  id: 'only-devices-write-doorbells',
  sentence: 'No process can write to a doorbell: only devices raise interrupts.',
  source: 'seed 004, Robin Murphy: "the really cheeky version is the IRQ layer exposes its own thing"',
  kind: 'state',
  appliesTo: followsInterrupts,
  brokenBy: 'its-mmap',
  violated(world) {
    for (const [actor, { itsMappings }] of Object.entries(world.processes)) {
      const [mapping] = itsMappings;
      if (mapping !== undefined) return `${actor} has the doorbells of ITS ${mapping.its} mapped`;
    }
    return null;
  },
  witness: (world) => world.devices.some(({ messages }) => messages.length > 0),
};
