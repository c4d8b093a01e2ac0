import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { deviceAfter, firstPlugged, placeText } from './look.ts';
import { attachmentsOf } from './look-attachments.ts';
import { actualTreatment, askedTreatments } from './look-stream.ts';

export const movesOpenNothing: StepProperty = {
  id: 'moves-open-nothing',
  sentence:
    'While a device is attached, moved or unplugged, it never reaches memory that it reaches neither before nor after.',
  source: 'IHI0070 3.4, 3.11: a stream sees its old configuration or its new one, or is terminated',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'unplug-opens-memory',
  violated: (transition) =>
    firstPlugged(transition.before, (placed) => {
      const through = attachmentsOf(transition, placed);
      if (!through.includes('bypass')) return null;
      const after = deviceAfter(transition.world, placed);
      const right = [
        actualTreatment(transition.before, placed),
        ...askedTreatments(transition.before, placed),
        ...(after === null
          ? []
          : [actualTreatment(transition.world, after), ...askedTreatments(transition.world, after)]),
      ];
      return right.includes('bypass')
        ? null
        : `${placeText(placed)} reaches all of the guest's memory for a while: it goes through ${through.join(', ')}`;
    }),
  witness: (transition) =>
    firstPlugged(transition.before, (placed) =>
      attachmentsOf(transition, placed).length > 0 ? true : null,
    ) !== null,
};
