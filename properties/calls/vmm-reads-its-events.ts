import type { World } from '../../model/world/world.ts';
import { firstObject } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { Violation } from '../property.ts';
import { type CallsProperty, watchCalls } from './property.ts';

/** Events that wait in queues, by context and id. */
function waiting(world: World): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  firstObject(world, (object, id, _context, ctx) => {
    if (object.type === 'veventq') found.set(`${ctx}/${id}`, object.events.length);
    return null;
  });
  return found;
}

/** Whether a descriptor of a queue is left. */
function isOpen({ files }: World, key: string): boolean {
  return files.some((file) => file?.of.kind === 'veventq' && `${file.of.ctx}/${file.of.id}` === key);
}

export const vmmReadsItsEvents: CallsProperty = {
  kind: 'calls',
  id: 'vmm-reads-its-events',
  sentence:
    "A VMM reads the events of its devices' streams until there are none, before it closes their queue.",
  source: 'iommufd.h: IOMMU_VEVENTQ_ALLOC; IHI0070 7 (events of a stream go to its event queue)',
  appliesTo: hasSmmu,
  brokenBy: 'unread-events',
  watch: () =>
    watchCalls(({ before, world, command }, witness): Violation => {
      if (command.command === 'read') witness();
      if (command.command === 'exit' && command.args.killed) return null;
      if (world === before) return null;
      for (const [key, events] of waiting(before)) {
        if (events === 0 || !isOpen(before, key) || isOpen(world, key)) continue;
        return `vEVENTQ ${key.split('/')[1]} is closed with ${events} event${events === 1 ? '' : 's'} that nobody has read`;
      }
      return null;
    }),
};
