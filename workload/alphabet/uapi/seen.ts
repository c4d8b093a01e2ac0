import type { Context } from '../../../model/iommufd/context.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import { FIRST_FD } from '../../../model/world/process.ts';
import type { World } from '../../../model/world/world.ts';

/** A context of a process, its descriptor, and its objects by kind. */
export interface SeenContext {
  readonly fd: number;
  readonly ctx: number;
  readonly context: Context;
  readonly ioases: readonly number[];
  readonly hwpts: readonly number[];
  readonly viommus: readonly number[];
  readonly vdevices: readonly number[];
  readonly veventqs: readonly number[];
  readonly faults: readonly number[];
  readonly devices: readonly number[];
  readonly tombstones: readonly number[];
}

/** An open file of a device: bound to which context, under which id. */
export interface SeenCdev {
  readonly fd: number;
  readonly device: number;
  readonly ctx: number | null;
  readonly devId: number;
}

/** What one process has, as far as a next command can be about it. */
export interface Seen {
  readonly world: World;
  readonly platform: Platform;
  /** Number of the process: commands are kept by it. */
  readonly process: number;
  readonly actor: string;
  readonly fds: readonly number[];
  readonly contexts: readonly SeenContext[];
  readonly cdevs: readonly SeenCdev[];
  readonly queues: readonly number[];
  readonly faultFds: readonly number[];
  readonly otherFds: readonly number[];
}

export function look(world: World, process: number, actor: string): Seen {
  const contexts: SeenContext[] = [];
  const cdevs: SeenCdev[] = [];
  const queues: number[] = [];
  const faultFds: number[] = [];
  const otherFds: number[] = [];
  const fds: number[] = [];
  const held = world.processes[actor]?.fds ?? [];
  for (let at = 0; at < held.length; at++) {
    const index = held[at];
    const of = index === null || index === undefined ? undefined : world.files[index]?.of;
    const fd = at + FIRST_FD;
    if (of !== undefined) fds.push(fd);
    switch (of?.kind) {
      case 'iommufd': {
        const context = world.contexts[of.ctx];
        if (context !== null && context !== undefined) contexts.push(lookInto(context, of.ctx, fd));
        break;
      }
      case 'cdev':
        cdevs.push({ fd, device: of.device, ctx: of.bound?.ctx ?? null, devId: of.bound?.devId ?? -1 });
        break;
      case 'veventq':
        queues.push(fd);
        break;
      case 'fault':
        faultFds.push(fd);
        break;
      case 'other':
        otherFds.push(fd);
        break;
    }
  }
  return {
    world,
    platform: world.platform,
    process,
    actor,
    fds,
    contexts,
    cdevs,
    queues,
    faultFds,
    otherFds,
  };
}

function lookInto(context: Context, ctx: number, fd: number): SeenContext {
  const ids = {
    ioases: [] as number[],
    hwpts: [] as number[],
    viommus: [] as number[],
    vdevices: [] as number[],
    veventqs: [] as number[],
    faults: [] as number[],
    devices: [] as number[],
    tombstones: [] as number[],
  };
  for (let id = 1; id < context.objects.length; id++) {
    switch (context.objects[id]?.type) {
      case 'ioas':
        ids.ioases.push(id);
        break;
      case 'hwptPaging':
      case 'hwptNested':
        ids.hwpts.push(id);
        break;
      case 'viommu':
        ids.viommus.push(id);
        break;
      case 'vdevice':
        ids.vdevices.push(id);
        break;
      case 'veventq':
        ids.veventqs.push(id);
        break;
      case 'fault':
        ids.faults.push(id);
        break;
      case 'device':
        ids.devices.push(id);
        break;
      case 'tombstone':
        ids.tombstones.push(id);
        break;
    }
  }
  return { fd, ctx, context, ...ids };
}
