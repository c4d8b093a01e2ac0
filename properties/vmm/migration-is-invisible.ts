import type { Vsmmu } from '../../model/vmm/vm.ts';
import { sameState } from '../../model/world/equal.ts';
import { migratesVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

/** What a guest can find out about a vSMMU, part by part. */
const VISIBLE = {
  'its ID registers': ({ registers }: Vsmmu) => registers,
  CR0: ({ cr0 }: Vsmmu) => cr0,
  GBPA: ({ gbpa }: Vsmmu) => gbpa,
  'its queues': ({ control }: Vsmmu) => control,
} as const;

function migrated(transition: Transition): boolean {
  return argsOf(transition, 'migrate') !== null && transition.result.ok;
}

export const migrationIsInvisible: StepProperty = {
  id: 'migration-is-invisible',
  sentence: 'After a migration the guest finds its vSMMUs as they were.',
  source: 'seed 000, Jason Gunthorpe: be fully specified "and support live migration"',
  kind: 'step',
  appliesTo: migratesVsmmus,
  brokenBy: 'guest-state-left-behind',
  violated(transition) {
    if (!migrated(transition)) return null;
    const after = vmOfCommand(transition.world, transition);
    for (const [index, old] of (vmOfCommand(transition.before, transition)?.vsmmus ?? []).entries()) {
      const now = after?.vsmmus[index];
      if (now === undefined) continue;
      for (const [what, see] of Object.entries(VISIBLE))
        if (!sameState(see(old), see(now))) return `the guest finds ${what} of vSMMU ${index} changed`;
    }
    const memory = vmOfCommand(transition.before, transition)?.memory;
    return sameState(memory, after?.memory) ? null : 'the guest finds its memory changed';
  },
  witness: (transition) =>
    migrated(transition) &&
    (vmOfCommand(transition.before, transition)?.vsmmus ?? []).some(({ cr0 }) => cr0 !== 0),
};
