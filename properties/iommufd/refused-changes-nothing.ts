import { KEEPS_PROGRESS } from '../../model/step.ts';
import { sameState } from '../../model/world/equal.ts';
import { hasEmulatedSmmu, hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

export const refusedChangesNothing: StepProperty = {
  id: 'refused-changes-nothing',
  sentence: 'A refused command leaves the state unchanged, apart from the listed exceptions.',
  source: 'Documentation/userspace-api/iommufd.rst; errno convention of ioctls',
  kind: 'step',
  // An emulated IOMMU refuses nothing.
  appliesTo: (platform) => !hasEmulatedSmmu(platform) && !hasEmulatedVtd(platform),
  brokenBy: 'failed-replace-unreserves',
  violated({ before, world: after, command, result }) {
    if (result.ok || after === before || KEEPS_PROGRESS.has(command.command)) return null;
    if (sameState(before, after)) return null;
    return `${command.command} was refused with ${result.errno}, yet the world changed`;
  },
  witness: ({ result }) => !result.ok,
};
