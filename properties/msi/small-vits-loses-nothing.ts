import type { StateProperty } from '../property.ts';
import { firstVector, isSetUp, isSmallerVits, lotOf, works } from './look.ts';
import { hasSmallVits } from './platforms.ts';

export const smallVitsLosesNothing: StateProperty = {
  id: 'small-vits-loses-nothing',
  sentence:
    'A device whose ITS has more doorbell pages than the virtual ITS is refused, or none of its interrupts is lost.',
  source: 'seed 004, Nicolin Chen: "What if vITS is one-page size while the underlying pITS has multiple?"',
  kind: 'state',
  appliesTo: hasSmallVits,
  brokenBy: 'doorbell-cookie-user',
  violated: (world) =>
    firstVector(world, (vector) => {
      // Vectors that the host refused to switch on are for enabling-is-never-refused to look at.
      if (!isSmallerVits(vector) || vector.message === null) return null;
      return works(vector) || !isSetUp(vector) ? null : lotOf(vector);
    }),
  witness: (world) =>
    firstVector(world, (vector) => (isSmallerVits(vector) && isSetUp(vector) ? true : null)) !== null,
};
