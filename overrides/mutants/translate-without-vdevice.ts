import type { Override } from '../../model/rules.ts';

/** Shows that the order of vDEVICE and attach is really looked at. */
export const translateWithoutVdevice: Override = {
  name: 'translate-without-vdevice',
  kind: 'mutant',
  summary: 'a translating nested HWPT can be attached without a vDEVICE',
  source: 'no such bug is known',
  rules: { iommufd: { nestedAttachNeedsVdevice: () => false } },
};
