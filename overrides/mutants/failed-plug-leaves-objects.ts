import type { Override } from '../../model/rules.ts';

/** Shows that what a refused plug leaves is really looked at. */
export const failedPlugLeavesObjects: Override = {
  name: 'failed-plug-leaves-objects',
  kind: 'mutant',
  summary: 'a VMM that cannot plug a device does not undo what it did for it',
  source: 'no such bug is known',
  rules: { vmm: { failedPlugUndoes: false } },
};
