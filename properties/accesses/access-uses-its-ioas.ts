import { hasMediated } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

export const accessUsesItsIoas: StepProperty = {
  id: 'access-uses-its-ioas',
  sentence:
    'An access that is being moved to another IOAS has no IOAS: its user gets an error, and uses neither the old one nor the new one.',
  source: 'rule R-17; iommufd: Fix protection fault in iommufd_test_syz_conv_iova (CVE-2024-26785)',
  kind: 'step',
  brokenBy: 'access-used-while-moved',
  appliesTo: hasMediated,
  violated: ({ effects, world }) => {
    const used = effects.find(({ kind }) => kind === 'nothingUsed');
    return used?.kind === 'nothingUsed'
      ? `the access of ${world.platform.mediated?.[used.mdev]} was used while it was on no IOAS`
      : null;
  },
  witness: ({ before, command }) =>
    command.command === 'mdevRw' &&
    before.contexts.some((context) =>
      context?.objects.some((slot) => slot?.type === 'access' && slot.moving !== null),
    ),
};
