import { bootWorld } from '../../model/boot.ts';
import type { Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject } from '../look.ts';
import type { ReachabilityProperty } from '../property.ts';
import { closes, finished, ofKernel, run } from './teardown-returns-everything.ts';

/** What was begun ends by itself: the host's resets, and calls of a process's other threads. */
function* endings(world: World): Generator<Command> {
  for (const [at, { id }] of world.platform.devices.entries())
    if (world.devices[at]?.resetting === true)
      yield { actor: `device:${id}`, command: 'resetEnds', args: {} };
  for (const actor of Object.keys(world.processes))
    for (const _ of world.processes[actor]?.calls ?? []) yield { actor, command: 'callEnds', args: {} };
}

/**
 * Unlike `teardown-returns-everything`, nobody detaches, unmaps or destroys before: a process can be killed at any time, and
 * whatever descriptors it had handed to the kernel must not keep each other.
 */
export const exitReturnsEverything: ReachabilityProperty = {
  id: 'exit-returns-everything',
  sentence:
    'After a process has died, everything is as it was at the start, whatever it did and whichever descriptors it passed on.',
  source: 'close(2); drivers/iommu/iommufd/main.c: iommufd_fops_release()',
  kind: 'reachability',
  brokenBy: 'map-file-takes-any',
  violated(world, rules) {
    const ended = run(world, endings(world), rules);
    const closed = finished(run(ended, closes(ended), rules), rules);
    if (sameState(ofKernel(closed), ofKernel(bootWorld(world.platform)))) return null;
    const held = closed.files.findIndex((file) => file !== null);
    if (held >= 0)
      return `after everything was closed a mapping holds file ${held}, and nobody has its context`;
    const poor = closed.devices.findIndex(({ lostEvents }) => lostEvents !== undefined);
    if (poor >= 0)
      return `after everything was closed ${world.platform.devices[poor]?.id} has an event less of its ITS for messages`;
    const object = firstObject(closed, (each, id) => `${each.type} ${id} with ${each.users} references`);
    return `after everything was closed there is still ${object ?? 'kernel state'}`;
  },
  witness: (world) => firstObject(world, (object) => (object.users > 1 ? true : null)) !== null,
};
