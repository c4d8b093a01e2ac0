import type { StateProperty } from '../property.ts';
import { firstVector, isSetUp, lotOf, works } from './look.ts';
import { hasVits } from './platforms.ts';

export const msiReachesOwnDoorbell: StateProperty = {
  id: 'msi-reaches-own-doorbell',
  sentence:
    "After a guest has set up a vector as its firmware tables say, the device's MSI reaches the doorbell of its own ITS with the host's data.",
  source:
    'seed 004, Robin Murphy: "to which it wants that device\'s MSIs to be able to go"; IHI0070 3.4, 3.17',
  kind: 'state',
  appliesTo: hasVits,
  brokenBy: 'msi-page-in-default-domain',
  violated: (world) =>
    firstVector(world, (vector) =>
      vector.vits === null || works(vector) || !isSetUp(vector) ? null : lotOf(vector),
    ),
  witness: (world) =>
    firstVector(world, (vector) =>
      world.devices[vector.number]?.vmaster != null && isSetUp(vector) && works(vector) ? true : null,
    ) !== null,
};
