import { bootWorld } from '../../model/boot.ts';
import { resolveCall } from '../../model/call.ts';
import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import { firstObject } from '../look.ts';
import type { ReachabilityProperty } from '../property.ts';
import { entryName } from '../smmu/caches.ts';
import { vtdEntryName } from '../vtd/caches.ts';

const { DETACH_PASID } = VFIO_DEVICE;

/** What a VMM thinks it still has, or emulates, is its own affair; what its guest keeps in RAM, and the places of tables, are nobody's. */
const NOBODYS = { vms: [], machine: null, emulated: null, emulatedVtd: null, legacy: null, vtd: null };

/** What the kernel keeps of a world: of a process's memory, what it did with that is its own affair, too. */
export function ofKernel(world: World): World {
  const processes = Object.entries(world.processes).map(
    ([actor, { fds, mappings, calls, itsMappings }]) =>
      [actor, { fds, mappings, calls, itsMappings }] as const,
  );
  return { ...world, ...NOBODYS, processes: Object.fromEntries(processes) };
}

interface Descriptor {
  readonly fd: number;
  /** Null: no device file. */
  readonly device: number | null;
  readonly ctx: number;
}

/** Descriptors of a process, and what is behind them. */
function descriptors(world: World, actor: string): readonly Descriptor[] {
  return (world.processes[actor]?.fds ?? []).flatMap((index, at) => {
    const file = index === null ? null : (world.files[index] ?? null);
    if (file === null) return [];
    return [
      {
        fd: at + FIRST_FD,
        device: file.of.kind === 'cdev' ? file.of.device : null,
        ctx: file.of.kind === 'iommufd' ? file.of.ctx : -1,
      },
    ];
  });
}

/** What a careful program does to give everything back: detach, destroy leaves first, unmap, close. The host brings its resets to an end. */
function* ordinaryCalls(world: World): Generator<Command> {
  for (const [at, { id }] of world.platform.devices.entries())
    if (world.devices[at]?.resetting === true)
      yield { actor: `device:${id}`, command: 'resetEnds', args: {} };
  for (const actor of Object.keys(world.processes)) {
    for (const _ of world.processes[actor]?.calls ?? []) yield { actor, command: 'callEnds', args: {} };
    const open = descriptors(world, actor);
    for (const { fd, device } of open) {
      if (device === null) continue;
      for (const pasid of world.devices[device]?.pasids ?? [])
        yield resolveCall({ actor, command: 'vfioDetach', args: { fd, flags: DETACH_PASID, pasid } }, {});
      yield resolveCall({ actor, command: 'vfioDetach', args: { fd } }, {});
    }
    for (const { fd, ctx } of open) {
      const ids = [...(world.contexts[ctx]?.objects.keys() ?? [])].reverse();
      for (const id of ids) yield resolveCall({ actor, command: 'destroy', args: { fd, id } }, {});
    }
  }
}

/** Mappings and descriptors of every process go, in no order that means anything. */
export function* closes(world: World): Generator<Command> {
  for (const [actor, process] of Object.entries(world.processes)) {
    for (const { va } of process.mappings) yield { actor, command: 'munmapBar', args: { va } };
    for (const { va } of [...(world.mock?.mappings ?? []), ...(world.mock?.pages ?? [])])
      yield { actor, command: 'mockMunmap', args: { va } };
    for (const { va } of process.itsMappings) yield { actor, command: 'munmapIts', args: { va } };
    for (const { fd } of descriptors(world, actor)) yield { actor, command: 'close', args: { fd } };
  }
}

export function run(world: World, commands: Iterable<Command>, rules: Rules): World {
  let next = world;
  for (const command of commands) next = step(next, command, rules).world;
  return next;
}

/** Destroys until a round changes nothing: what an object holds can go only after it. */
function destroyAll(world: World, rules: Rules): World {
  for (let next = world; ; ) {
    const after = run(next, ordinaryCalls(next), rules);
    if (after === next) return next;
    next = after;
  }
}

/** A call that was interrupted in the middle of its writes goes on to its end: the last close may have been one. */
export function finished(world: World, rules: Rules): World {
  let next = world;
  while (next.machine !== null && next.machine.work !== null) {
    const after = step(next, { actor: 'host', command: 'hostProceed', args: {} }, rules).world;
    if (after === next) return next;
    next = after;
  }
  return next;
}

export const teardownReturnsEverything: ReachabilityProperty = {
  id: 'teardown-returns-everything',
  sentence: 'From every state, ordinary calls and closes lead back to the initial state.',
  source: 'drivers/iommu/iommufd/main.c: iommufd_fops_release() warns of objects that never go',
  kind: 'reachability',
  sameGoal: true,
  brokenBy: 'detach-keeps-reference',
  violated(world, rules) {
    const destroyed = destroyAll(world, rules);
    const closed = finished(run(destroyed, closes(destroyed), rules), rules);
    const [kept] = closed.machine?.stale ?? [];
    if (kept !== undefined) return `after everything was closed caches may hold ${entryName(closed, kept)}`;
    const [left] = closed.vtd?.stale ?? [];
    if (left !== undefined)
      return `after everything was closed caches may hold ${vtdEntryName(closed, left)}`;
    if (sameState(ofKernel(closed), ofKernel(bootWorld(world.platform)))) return null;
    const object = firstObject(closed, (each, id) => `${each.type} ${id} with ${each.users} references`);
    return `after detaching, destroying and closing everything there is still ${object ?? 'kernel state'}`;
  },
  witness: (world) => firstObject(world, (object) => (object.users > 1 ? true : null)) !== null,
};
