import type { Vm } from '../../model/vmm/vm.ts';
import { sameState } from '../../model/world/equal.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** Machines whose guest could read before a step and can after it. */
function readable({ before, world }: Transition): readonly { readonly old: Vm; readonly now: Vm }[] {
  if (before.vms === world.vms) return [];
  return before.vms.flatMap((old, index) => {
    const now = world.vms[index];
    return old.running && now?.running === true ? [{ old, now }] : [];
  });
}

/** What an operator does that could change them. */
const CHANGES: ReadonlySet<string> = new Set(['migrate', 'plug', 'unplug', 'reset']);

export const idRegistersNeverChange: StepProperty = {
  id: 'id-registers-never-change',
  sentence: 'After a guest can have read the ID registers, no plug, reset or migration changes them.',
  source: 'seed 000: "a working vSMMU can be shown to the guest"; IHI0070 6.3: the registers are read-only',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'registers-inherited',
  violated(transition) {
    for (const { old, now } of readable(transition)) {
      for (const [index, { registers }] of old.vsmmus.entries()) {
        const after = now.vsmmus[index]?.registers ?? null;
        if (registers === null || sameState(registers, after)) continue;
        const changed = Object.entries(registers).filter(
          ([name, value]) => after?.[name as 'IDR0'] !== value,
        );
        const names = changed.map(([name]) => name).join(', ');
        return `${transition.command.command} changed ${names} of vSMMU ${index} under the guest's eyes`;
      }
    }
    return null;
  },
  witness: (transition) =>
    transition.result.ok &&
    CHANGES.has(transition.command.command) &&
    readable(transition).some(({ old }) => old.vsmmus.some(({ registers }) => registers !== null)),
};
