import type { World } from '../../model/world/world.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { faultQueueOf, type Queued, queued } from './look.ts';

function misplaced(world: World, { device, ctx, queue }: Queued): boolean {
  const home = faultQueueOf(world, device);
  return home === null || home.ctx !== ctx || home.queue !== queue;
}

export const pageRequestsAreAnsweredOnce: StateProperty = {
  id: 'page-requests-are-answered-once',
  sentence:
    'Each group of page requests that a device waits for is in the fault queue of its HWPT exactly once. Nothing else is in there, and no device has more open than it may.',
  source: 'rule R-34; iommu/iommufd: Fix IOPF group ownership UAF (CVE-2026-74520)',
  kind: 'state',
  brokenBy: 'unread-page-requests-outlive-detach',
  appliesTo: makesPageRequests,
  violated(world) {
    const groups = queued(world);
    const stray = groups.find((group) => misplaced(world, group));
    if (stray !== undefined)
      return `a fault queue has a group of ${world.platform.devices[stray.device]?.id}, which is not on an HWPT of it`;
    for (const [device, awaited] of (world.pageRequests?.awaited ?? []).entries()) {
      const held = groups.filter((group) => group.device === device);
      const asked = held.map(({ requests }) => requests.at(-1)?.group);
      if (held.length !== awaited.length || awaited.some((group) => !asked.includes(group)))
        return `${world.platform.devices[device]?.id} waits for ${awaited.length} groups, and ${held.length} are in a queue`;
      const room = world.platform.devices[device]?.pageRequests ?? 0;
      const open = awaited.length + (world.pageRequests?.partial[device] ?? []).length;
      if (room > 0 && open > room)
        return `${world.platform.devices[device]?.id} has ${open} requests open, and may have ${room}`;
    }
    return null;
  },
  witness: (world) => queued(world).length > 1,
};
