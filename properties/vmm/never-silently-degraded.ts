import { hasVsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstPlugged, placeText } from './look.ts';

export const neverSilentlyDegraded: StateProperty = {
  id: 'never-silently-degraded',
  sentence: 'A device behind a vSMMU is nested in hardware, or it is not there at all.',
  source:
    'seed 000, Jason Gunthorpe: a differing device cannot be attached, "but that is fine"; seed 003: emulation',
  kind: 'state',
  appliesTo: hasVsmmu,
  wish: true,
  brokenBy: 'registers-most-capable',
  violated: (world) =>
    firstPlugged(world, (placed) =>
      placed.device.place?.kind === 'emulated'
        ? `the stage 1 of ${placeText(placed)} is walked by the VMM, and nobody was told`
        : null,
    ),
  witness: (world) =>
    firstPlugged(world, ({ device }) => (device.place?.kind === 'nested' ? true : null)) !== null,
};
