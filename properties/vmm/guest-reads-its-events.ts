import type { Vm } from '../../model/vmm/vm.ts';
import type { Words } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

const RECORD_WORDS = 4;

/** The records that wait for a guest, oldest first: those that its VMM made, then those of the kernel's queues. */
function waiting(world: World, vm: Vm, index: number): readonly Words[] {
  const vsmmu = vm.vsmmus[index];
  if (vsmmu === undefined) return [];
  const fd = vm.iommufd?.fd;
  const file = world.files[world.processes[`vmm:${vm.name}`]?.fds[(fd ?? 0) - FIRST_FD] ?? -1];
  const context = file?.of.kind === 'iommufd' ? world.contexts[file.of.ctx] : null;
  const kept = vsmmu.backings.flatMap(({ veventq }) => {
    const queue = context?.objects[veventq.id];
    return queue?.type === 'veventq'
      ? queue.events.flatMap((each) => (each.words === null ? [] : [each.words]))
      : [];
  });
  return [...vsmmu.events, ...kept];
}

const FIRST_FD = 3;

function read(transition: Transition): { vm: Vm; index: number; records: readonly Words[] } | null {
  const args = argsOf(transition, 'readEvents');
  const vm = args === null ? null : vmOfCommand(transition.before, transition);
  if (args === null || vm === null || !transition.result.ok) return null;
  const data = (transition.result.out.data ?? []) as Words;
  const records = Array.from({ length: data.length / RECORD_WORDS }, (_, at) =>
    data.slice(RECORD_WORDS * at, RECORD_WORDS * (at + 1)),
  );
  return { vm, index: args.vsmmu, records };
}

export const guestReadsItsEvents: StepProperty = {
  id: 'guest-reads-its-events',
  sentence:
    "What a guest takes out of its event queue are its devices' events, in their order, and nothing else.",
  source: 'IHI0070 7.2; hw/arm/smmuv3-accel: event read treated as success on EAGAIN (QEMU 6a51b66dd51d)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'empty-read-is-event',
  violated(transition) {
    const told = read(transition);
    if (told === null) return null;
    const due = waiting(transition.before, told.vm, told.index);
    if (told.records.length > due.length)
      return `the guest read ${told.records.length} events, and ${due.length} waited for it`;
    // With its queue switched off it reads none of them.
    const other = told.records.findIndex((record, at) => !sameState(record, due[at] ?? []));
    return other < 0 ? null : `event ${other + 1} that the guest read is not the one that waited`;
  },
  witness: (transition) => (read(transition)?.records.length ?? 0) > 0,
};
