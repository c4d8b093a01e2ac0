import type { Override } from '../../model/rules.ts';

/** Shows that reference counts and teardown are really looked at. */
export const detachKeepsReference: Override = {
  name: 'detach-keeps-reference',
  kind: 'mutant',
  summary: 'a detach does not give the HWPT its reference back',
  source: 'no such bug is known',
  rules: { iommufd: { detachReturnsReference: false } },
};
