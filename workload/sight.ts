import type { Slot } from '../model/iommufd/context.ts';
import { type Binding, FIRST_FD } from '../model/world/process.ts';
import type { World } from '../model/world/world.ts';

/*
 * What a process has, as far as a next command can be about it: for the generator, which draws one, and for the alphabets,
 * which try all.
 */

/** A device's file. */
export interface Cdev {
  readonly fd: number;
  readonly device: number;
  readonly bound: Binding | null;
}

export interface BoundCdev extends Cdev {
  readonly bound: Binding;
}

/** The open descriptors of a process, by what they are of. */
export interface Descriptors {
  readonly fds: readonly number[];
  readonly iommufds: readonly { readonly fd: number; readonly ctx: number }[];
  readonly cdevs: readonly Cdev[];
  readonly bound: readonly BoundCdev[];
  readonly veventqFds: readonly { readonly fd: number; readonly ctx: number; readonly id: number }[];
  readonly faultFds: readonly number[];
  readonly otherFds: readonly number[];
}

export function descriptorsOf({ processes, files }: World, actor: string): Descriptors {
  const fds: number[] = [];
  const iommufds: { fd: number; ctx: number }[] = [];
  const cdevs: Cdev[] = [];
  const bound: BoundCdev[] = [];
  const veventqFds: { fd: number; ctx: number; id: number }[] = [];
  const faultFds: number[] = [];
  const otherFds: number[] = [];
  const held = processes[actor]?.fds ?? [];
  for (let at = 0; at < held.length; at++) {
    const index = held[at];
    if (index === null || index === undefined) continue;
    const of = files[index]?.of;
    const fd = at + FIRST_FD;
    if (of !== undefined) fds.push(fd);
    switch (of?.kind) {
      case 'iommufd':
        iommufds.push({ fd, ctx: of.ctx });
        break;
      case 'cdev':
        cdevs.push({ fd, device: of.device, bound: of.bound });
        if (of.bound !== null) bound.push({ fd, device: of.device, bound: of.bound });
        break;
      case 'veventq':
        veventqFds.push({ fd, ctx: of.ctx, id: of.id });
        break;
      case 'fault':
        faultFds.push(fd);
        break;
      case 'other':
        otherFds.push(fd);
        break;
    }
  }
  return { fds, iommufds, cdevs, bound, veventqFds, faultFds, otherFds };
}

/** The ids of a context's objects, by kind, ascending. */
export interface Ids {
  readonly ioases: readonly number[];
  readonly hwpts: readonly number[];
  readonly pagings: readonly number[];
  /** Paging HWPTs that can be nested on. */
  readonly parents: readonly number[];
  readonly nesteds: readonly number[];
  readonly viommus: readonly number[];
  readonly vdevices: readonly number[];
  readonly veventqs: readonly number[];
  readonly faults: readonly number[];
  readonly devices: readonly number[];
  readonly tombstones: readonly number[];
}

export function idsOf(table: readonly Slot[]): Ids {
  const ioases: number[] = [];
  const hwpts: number[] = [];
  const pagings: number[] = [];
  const parents: number[] = [];
  const nesteds: number[] = [];
  const viommus: number[] = [];
  const vdevices: number[] = [];
  const veventqs: number[] = [];
  const faults: number[] = [];
  const devices: number[] = [];
  const tombstones: number[] = [];
  for (let id = 1; id < table.length; id++) {
    const slot = table[id];
    switch (slot?.type) {
      case 'ioas':
        ioases.push(id);
        break;
      case 'hwptPaging':
        hwpts.push(id);
        pagings.push(id);
        if (slot.nestParent) parents.push(id);
        break;
      case 'hwptNested':
        hwpts.push(id);
        nesteds.push(id);
        break;
      case 'viommu':
        viommus.push(id);
        break;
      case 'vdevice':
        vdevices.push(id);
        break;
      case 'veventq':
        veventqs.push(id);
        break;
      case 'fault':
        faults.push(id);
        break;
      case 'device':
        devices.push(id);
        break;
      case 'tombstone':
        tombstones.push(id);
        break;
    }
  }
  return {
    ioases,
    hwpts,
    pagings,
    parents,
    nesteds,
    viommus,
    vdevices,
    veventqs,
    faults,
    devices,
    tombstones,
  };
}
