import type { Override } from '../../model/rules.ts';

/** Shows that the attachment of groups is really looked at. */
export const groupMemberElsewhere: Override = {
  name: 'group-member-elsewhere',
  kind: 'mutant',
  summary: 'a device of a group can ask for another HWPT than the group is on',
  source: 'no such bug is known',
  rules: { iommufd: { groupSharesHwpt: false } },
};
