import { vmmIntended } from '../../model/vmm/rules.ts';
import { registersInheritedRules } from '../designs/vsmmu.ts';
import { table } from '../table.ts';

export const VMM_MUTANTS = table({
  /** Shows that what a guest reads is really looked at. */
  'boot-without-registers': {
    kind: 'mutant',
    summary: 'a machine boots although a vSMMU that inherits its ID registers has no device to inherit from',
    source: 'no such bug is known',
    rules: { vmm: { ...registersInheritedRules.vmm, bootNeedsRegisters: false } },
  },
  /** Shows that what a refused plug leaves is really looked at. */
  'failed-plug-leaves-objects': {
    kind: 'mutant',
    summary: 'a VMM that cannot plug a device does not undo the steps that it made',
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
    summary: 'CR0 and GBPA of a vSMMU are lost in a migration',
    source: 'no such bug is known',
    rules: { vmm: { migrationKeepsGuestState: false } },
  },
  /** Shows that what the kernel hears of a guest's invalidations is really looked at. */
  'asid-invalidation-kept-back': {
    kind: 'mutant',
    summary: "a guest's TLBI_NH_ASID counts as done, and the kernel never hears of it",
    source: 'no such bug is known',
    rules: {
      vmm: {
        commandKind: (command, words, registers, enabled) =>
          command?.name === 'TLBI_NH_ASID'
            ? 'nothing'
            : vmmIntended.commandKind(command, words, registers, enabled),
      },
    },
  },
  /** Shows that it is looked at what becomes of the rest of a call that the kernel did not finish. */
  'refused-invalidations-passed-over': {
    kind: 'mutant',
    summary: 'invalidations that the kernel has not handled count as done',
    source: 'no such bug is known',
    rules: { vmm: { refusedInvalidationStops: false } },
  },
});
