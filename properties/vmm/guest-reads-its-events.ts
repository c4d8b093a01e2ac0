import type { Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { Words } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

const RECORD_WORDS = 4;

/** IDR1.EVENTQS: no queue is larger, whatever its LOG2SIZE says (IHI0070 6.3.2). */
const MOST_LOG2 = 19;

/** Records that lie in the guest's queue (IHI0070 3.5.1). */
function queued({ control }: Vsmmu): number {
  const size = 2 ** (Math.min(Number(control.EVENTQ_BASE & 0x1fn), MOST_LOG2) + 1);
  return (((control.EVENTQ_PROD - control.EVENTQ_CONS) % size) + size) % size;
}

/** The records that wait in the kernel's queues of a vSMMU, oldest first. */
function waiting(world: World, { name }: Vm, { backings }: Vsmmu): readonly Words[] {
  return backings.flatMap(({ fd, veventq }) => {
    const file = world.files[world.processes[`vmm:${name}`]?.fds[fd - FIRST_FD] ?? -1];
    const context = file?.of.kind === 'iommufd' ? world.contexts[file.of.ctx] : null;
    const queue = veventq === null ? null : context?.objects[veventq.id];
    if (queue?.type !== 'veventq') return [];
    return queue.events.flatMap(({ words }) => (words === null ? [] : [words]));
  });
}

/** What a guest read beyond what lay in its queue before, and what could come to it. */
function read(
  transition: Transition,
): { readonly more: readonly Words[]; readonly due: readonly Words[] } | null {
  const args = argsOf(transition, 'readEvents');
  const vm = args === null ? null : vmOfCommand(transition.before, transition);
  const vsmmu = args === null ? undefined : vm?.vsmmus[args.vsmmu];
  if (vm === null || vsmmu === undefined || !transition.result.ok) return null;
  const data = (transition.result.out.data ?? []) as Words;
  const records = Array.from({ length: data.length / RECORD_WORDS }, (_, at) =>
    data.slice(RECORD_WORDS * at, RECORD_WORDS * (at + 1)),
  );
  return { more: records.slice(queued(vsmmu)), due: waiting(transition.before, vm, vsmmu) };
}

export const guestReadsItsEvents: StepProperty = {
  id: 'guest-reads-its-events',
  sentence: 'A guest reads the events of its own devices, in order, and no others.',
  source: 'IHI0070 7.2; hw/arm/smmuv3-accel: event read treated as success on EAGAIN (QEMU 6a51b66dd51d)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'empty-read-is-event',
  violated(transition) {
    const told = read(transition);
    if (told === null) return null;
    const { more, due } = told;
    if (more.length > due.length)
      return `the guest read ${more.length} new events, and ${due.length} waited for it`;
    // One that found the guest's queue full or disabled is not among them.
    let at = 0;
    for (const [index, record] of more.entries()) {
      while (at < due.length && !sameState(record, due[at] ?? [])) at++;
      if (at === due.length) return `new event ${index + 1} that the guest read waited for nobody`;
      at++;
    }
    return null;
  },
  witness: (transition) => (read(transition)?.more.length ?? 0) > 0,
};
