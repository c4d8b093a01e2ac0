import type { Override } from '../../../model/rules.ts';

export const groupViabilityUnchecked: Override = {
  name: 'group-viability-unchecked',
  kind: 'mutant',
  summary: 'a group can be put into a container while a driver of the host has a device of it',
  source: 'made up, to break container-group-is-viable',
  rules: { legacy: { groupMustBeViable: false } },
};
