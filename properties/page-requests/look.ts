import type { FaultGroup } from '../../model/iommufd/faults/waiting.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { Transition } from '../property.ts';

/** A group in a fault queue, and where that is. */
export interface Queued extends FaultGroup {
  readonly ctx: number;
  readonly queue: number;
}

/** Every group that waits in some fault queue, to be read or to be answered. */
export function queued(world: World): readonly Queued[] {
  return world.contexts.flatMap((context, ctx) =>
    (context?.objects ?? []).flatMap((slot, queue) =>
      slot?.type === 'fault' ? slot.groups.map((group) => ({ ...group, ctx, queue })) : [],
    ),
  );
}

/** The groups of the fault queue that a step read from, as they were before; null: it read from none. */
export function faultQueueRead({ before, command }: Transition): readonly FaultGroup[] | null {
  if (command.command !== 'read') return null;
  const of = fileOf({ world: before }, command.actor, command.args.fd)?.of;
  if (of?.kind !== 'fault') return null;
  const slot = before.contexts[of.ctx]?.objects[of.id];
  return slot?.type === 'fault' ? slot.groups : null;
}

/** The fault queue of the HWPT that a device is on. */
export function faultQueueOf(world: World, device: number): Pick<Queued, 'ctx' | 'queue'> | null {
  const domain = world.groups[world.platform.devices[device]?.group ?? -1]?.domain;
  if (domain?.kind !== 'hwpt') return null;
  const hwpt = world.contexts[domain.ctx]?.objects[domain.hwpt];
  const fault = hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested' ? hwpt.fault : null;
  return fault === null ? null : { ctx: domain.ctx, queue: fault };
}
