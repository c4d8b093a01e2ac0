import type { StateProperty } from '../property.ts';
import { firstVector, isSetUp, lotOf, works } from './look.ts';
import { lacksVits } from './platforms.ts';

export const intxByMsiIsDelivered: StateProperty = {
  id: 'intx-by-msi-is-delivered',
  sentence:
    "In a machine without an ITS, the MSI by which a VMM emulates a device's INTx reaches the doorbell, whatever caches hold.",
  source:
    'seed 004, Robin Murphy: "emulate INTx using an underlying physical MSI, so there may not be any actual vITS region in the VM IPA space at all"',
  kind: 'state',
  appliesTo: lacksVits,
  brokenBy: 'ioas-map-msi',
  violated: (world) =>
    firstVector(world, (vector) =>
      vector.vits !== null || works(vector) || !isSetUp(vector) ? null : lotOf(vector),
    ),
  witness: (world) =>
    firstVector(world, (vector) =>
      vector.vits === null && isSetUp(vector) && works(vector) ? true : null,
    ) !== null,
};
