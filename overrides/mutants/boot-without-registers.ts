import type { Override } from '../../model/rules.ts';
import { registersInherited } from '../designs/vsmmu/inherit.ts';

/** Shows that what a guest reads is really looked at. */
export const bootWithoutRegisters: Override = {
  name: 'boot-without-registers',
  kind: 'mutant',
  summary: 'a machine whose vSMMU would inherit its ID registers boots before there is a device to tell them',
  source: 'no such bug is known',
  rules: { vmm: { ...registersInherited.rules.vmm, bootNeedsRegisters: false } },
};
