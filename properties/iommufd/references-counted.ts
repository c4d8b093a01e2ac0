import type { Context } from '../../model/iommufd/context.ts';
import type { World } from '../../model/world/world.ts';
import { callsInFlight, firstObject } from '../look.ts';
import type { StateProperty } from '../property.ts';

/** References that each object of a context should have: the table's own, and one for everything that holds it. */
function countReferences(world: World, context: Context, ctx: number): number[] {
  const { objects, groups } = context;
  const users = new Array<number>(objects.length).fill(1);
  for (const slot of objects) {
    switch (slot?.type) {
      case 'access':
        hold(users, slot.ioas);
        hold(users, slot.moving?.from ?? null);
        hold(users, slot.moving?.to ?? null);
        break;
      case 'hwptPaging':
        hold(users, slot.ioas);
        hold(users, slot.fault);
        break;
      case 'hwptNested':
        hold(users, slot.viommu ?? slot.parent);
        hold(users, slot.fault);
        break;
      case 'viommu':
        hold(users, slot.hwpt);
        break;
      case 'vdevice':
        hold(users, slot.viommu);
        hold(users, slot.devId);
        break;
      case 'veventq':
        hold(users, slot.viommu);
        break;
      case 'selftest':
        hold(users, slot.devId);
        break;
      case 'hwQueue':
        hold(users, slot.viommu);
        hold(users, slot.access);
        hold(users, slot.previous);
        break;
    }
  }
  for (const { attach } of groups) {
    if (attach === null) continue;
    for (const devId of attach.devices) {
      hold(users, devId);
      hold(users, attach.hwpt);
    }
  }
  for (const { hwpt, devices } of groups.flatMap(({ pasids }) => pasids)) {
    for (const devId of devices) {
      hold(users, devId);
      hold(users, hwpt);
    }
  }
  for (const file of world.files) {
    const of = file?.of;
    if (of?.kind === 'cdev' || of?.kind === 'mdev') {
      if (of.bound?.ctx === ctx) hold(users, of.bound.devId);
    } else if (of?.kind === 'veventq' || of?.kind === 'fault' || of?.kind === 'mockAccess') {
      if (of.ctx === ctx) hold(users, of.id);
    }
  }
  for (const { ctx: of, what } of callsInFlight(world)) {
    if (of !== ctx) continue;
    if (what.call === 'mapFile' && what.errno === null) hold(users, what.ioas);
  }
  for (const page of world.mock?.pages ?? []) if (page.ctx === ctx) hold(users, page.viommu);
  return users;
}

function hold(users: number[], id: number | null): void {
  if (id !== null) users[id] = (users[id] ?? 0) + 1;
}

export const referencesCounted: StateProperty = {
  id: 'references-counted',
  sentence: 'The reference count of every object is one plus the number of references to it.',
  source: 'drivers/iommu/iommufd/iommufd_private.h: struct iommufd_object',
  kind: 'state',
  brokenBy: 'detach-keeps-reference',
  violated(world) {
    let counted: number[] = [];
    let of: Context | null = null;
    return firstObject(world, (object, id, context, ctx) => {
      if (of !== context) counted = countReferences(world, context, ctx);
      of = context;
      const expected = counted[id];
      return object.users === expected
        ? null
        : `${object.type} ${id} counts ${object.users} references, but ${expected} exist`;
    });
  },
  witness: (world) => firstObject(world, (object) => (object.users > 1 ? true : null)) !== null,
};
