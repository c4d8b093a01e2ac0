import { registersInheritedRules } from '../designs/vsmmu.ts';
import { table } from '../table.ts';

export const VMM_MUTANTS = table({
  /** Shows that what a guest reads is really looked at. */
  'boot-without-registers': {
    kind: 'mutant',
    summary:
      'a machine whose vSMMU would inherit its ID registers boots before there is a device to tell them',
    source: 'no such bug is known',
    rules: { vmm: { ...registersInheritedRules.vmm, bootNeedsRegisters: false } },
  },
  /** Shows that what a refused plug leaves is really looked at. */
  'failed-plug-leaves-objects': {
    kind: 'mutant',
    summary: 'a VMM that cannot plug a device does not undo what it did for it',
    source: 'no such bug is known',
    rules: { vmm: { failedPlugUndoes: false } },
  },
  /** Shows that what an unplug leaves is really looked at. */
  'unplug-keeps-device-open': {
    kind: 'mutant',
    summary: "a VMM does not close an unplugged device's file",
    source: 'no such bug is known',
    rules: { vmm: { unplugClosesDevice: false } },
  },
  /** Shows that what a guest notices of a migration is really looked at. */
  'guest-state-left-behind': {
    kind: 'mutant',
    summary: 'CR0 and GBPA of a vSMMU do not come along when its machine is migrated',
    source: 'no such bug is known',
    rules: { vmm: { migrationKeepsGuestState: false } },
  },
});
