import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Violation } from '../property.ts';
import { type CallsProperty, watchCalls } from './property.ts';

const KINDS: ReadonlySet<string> = new Set(['iommufd', 'cdev', 'veventq', 'fault']);

/** Descriptors that give power over devices or their memory. */
function powers(world: World, actor: string): readonly string[] {
  const fds = world.processes[actor]?.fds ?? [];
  return fds.flatMap((file, at) => {
    const kind = file === null ? undefined : world.files[file]?.of.kind;
    return kind !== undefined && KINDS.has(kind) ? [`${kind} ${at + FIRST_FD}`] : [];
  });
}

export const vmmKeepsItsDescriptors: CallsProperty = {
  kind: 'calls',
  id: 'vmm-keeps-its-descriptors',
  sentence:
    'No program that a VMM starts has its descriptors of iommufd, devices and queues, unless it makes calls on them.',
  source:
    'open(2): O_CLOEXEC; drivers/vfio/group.c, drivers/iommu/iommufd (who has a descriptor has the device)',
  brokenBy: 'leaks-descriptors',
  watch: () => {
    /** Processes in which another program runs, and what it has and has not used. */
    const inherited = new Map<string, readonly string[]>();
    const wasted = (actor: string): Violation => {
      const unused = inherited.get(actor);
      inherited.delete(actor);
      return unused === undefined
        ? null
        : `${actor} was started with ${unused.join(', ')} and made no call on them`;
    };
    return watchCalls(
      ({ before, command }, witness) => {
        const { actor } = command;
        if (command.command === 'exec') {
          witness();
          const has = powers(before, actor);
          if (has.length > 0) inherited.set(actor, has);
          return null;
        }
        if (command.command === 'exit') return wasted(actor);
        if (command.command !== 'close' && command.command !== 'passFd') inherited.delete(actor);
        return null;
      },
      () => {
        for (const actor of inherited.keys()) return wasted(actor);
        return null;
      },
    );
  },
};
