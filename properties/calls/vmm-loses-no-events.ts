import type { Words } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import { hasSmmu } from '../platforms.ts';
import { type CallsProperty, watchCalls } from './property.ts';

const EVENT_WORDS = 4;

/** Whether what was read has the header that stands for lost events, which has no record behind it. */
function tellsLoss(data: Words, count: number): boolean {
  for (let at = 0, bytes = 0; bytes < count; ) {
    const isLoss = (Number((data[at] ?? 0n) & 0xffff_ffffn) & VEVENTQ_FLAG_LOST_EVENTS) !== 0;
    if (isLoss) return true;
    at += 1 + EVENT_WORDS;
    bytes += 8 * (1 + EVENT_WORDS);
  }
  return false;
}

export const vmmLosesNoEvents: CallsProperty = {
  kind: 'calls',
  id: 'vmm-loses-no-events',
  sentence: 'A vEVENTQ is deep enough, and read often enough, that the kernel has not to drop an event.',
  source:
    'iommufd.h: veventq_depth, IOMMU_VEVENTQ_FLAG_LOST_EVENTS; IHI0070 7.4 (OVFLG is for a full guest queue)',
  appliesTo: hasSmmu,
  brokenBy: 'shallow-queue',
  watch: () =>
    watchCalls(({ before, command, result }, witness) => {
      if (command.command !== 'read' || !result.ok) return null;
      if (fileOf({ world: before }, command.actor, command.args.fd)?.of.kind !== 'veventq') return null;
      const { data, count } = result.out as { data?: Words; count?: number };
      if ((data ?? []).length === 0) return null;
      witness();
      return tellsLoss(data ?? [], Number(count ?? 0))
        ? 'a read tells that events were lost: the queue was full'
        : null;
    }),
};
