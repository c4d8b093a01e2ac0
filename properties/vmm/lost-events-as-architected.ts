import { isRam } from '../../model/vmm/iommufd.ts';
import { isFull, ringOf, slotAt } from '../../model/vmm/ring.ts';
import type { Vsmmu } from '../../model/vmm/vm.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';

const ABORT_ERROR = 1 << 2;
const OVERFLOW = 2 ** 31;
const RECORD_WORDS = 4;
/** Commands in which a queue's index changes without an event: a guest writes it, or its registers are put back. */
const SETS_INDEX: ReadonlySet<string> = new Set(['writeRegister', 'readEvents', 'boot', 'reset', 'migrate']);
const LOST = 1n;

function eventRing({ control }: Vsmmu) {
  return ringOf(control.EVENTQ_BASE, control.EVENTQ_PROD, control.EVENTQ_CONS, true);
}

/** Whether the memory of an event queue answers, where the next record goes. */
function answers(world: World, vm: number, vsmmu: Vsmmu): boolean {
  const ring = eventRing(vsmmu);
  return isRam(world, vm, slotAt(ring, ring.prod, RECORD_WORDS));
}

/** Whether the VMM was told in this step that the kernel had lost events. */
function lostAtHost({ effects }: Transition): boolean {
  return effects.some(
    (effect) =>
      effect.kind === 'vmmCall' &&
      effect.command.command === 'read' &&
      effect.result.ok &&
      ((effect.result.out.data ?? []) as readonly bigint[]).some((word) => (word & 0xffff_ffffn) === LOST),
  );
}

function told(transition: Transition): Violation {
  const { before, world } = transition;
  if (before.vms === world.vms) return null;
  for (const [vm, { vsmmus, name }] of world.vms.entries()) {
    for (const [index, now] of vsmmus.entries()) {
      const old = before.vms[vm]?.vsmmus[index];
      if (old === undefined || old.control === now.control) continue;
      const where = `vSMMU ${index} of ${name}`;
      const raised = (old.control.GERROR ^ now.control.GERROR) & ABORT_ERROR;
      if (raised !== 0 && now.control.GERROR !== 0 && answers(before, vm, old))
        return `${where} raises GERROR.EVENTQ_ABT_ERR although the memory of its event queue answers`;
      const overflowed = old.control.EVENTQ_PROD >= OVERFLOW !== now.control.EVENTQ_PROD >= OVERFLOW;
      if (
        overflowed &&
        !SETS_INDEX.has(transition.command.command) &&
        !isFull(eventRing(now)) &&
        !lostAtHost(transition)
      )
        return `${where} toggles EVENTQ_PROD.OVFLG although its event queue has room`;
    }
  }
  return null;
}

export const lostEventsAsArchitected: StepProperty = {
  id: 'lost-events-as-architected',
  sentence:
    "OVFLG tells a guest that its event queue was full, and GERROR that the queue's memory failed. A disabled queue gives neither.",
  source: 'IHI0070 7.2 (event queue), 7.4 (overflow), 7.5 (global errors)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'lost-event-is-queue-error',
  violated: told,
  witness: ({ before, command, effects }) =>
    (command.command === 'serveEvents' || command.command === 'readEvents') &&
    before.vms.some(({ vsmmus }) => vsmmus.some(({ backings }) => backings.length > 0)) &&
    effects.some(
      (effect) => effect.kind === 'vmmCall' && effect.command.command === 'read' && effect.result.ok,
    ),
};
