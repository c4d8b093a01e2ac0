import type { Context } from '../model/iommufd/context.ts';
import type { World } from '../model/world/world.ts';
import { firstObject } from './look.ts';
import type { StateProperty } from './property.ts';

/** References that each object of a context should have: the table's own, and one for everything that holds it. */
function countReferences(world: World, context: Context, ctx: number): number[] {
  const users: number[] = context.objects.map(() => 1);
  const hold = (id: number | null): void => {
    if (id !== null) users[id] = (users[id] ?? 0) + 1;
  };
  for (const slot of context.objects) {
    switch (slot?.type) {
      case 'hwptPaging':
        hold(slot.ioas);
        hold(slot.fault);
        break;
      case 'hwptNested':
        hold(slot.viommu);
        hold(slot.fault);
        break;
      case 'viommu':
        hold(slot.hwpt);
        break;
      case 'vdevice':
        hold(slot.viommu);
        hold(slot.devId);
        break;
      case 'veventq':
        hold(slot.viommu);
        break;
    }
  }
  for (const group of context.groups) {
    for (const devId of group.attach?.devices ?? []) {
      hold(devId);
      hold(group.attach?.hwpt ?? null);
    }
  }
  for (const file of world.files) {
    if (file === null) continue;
    if (file.of.kind === 'cdev' && file.of.bound?.ctx === ctx) hold(file.of.bound.devId);
    else if ((file.of.kind === 'veventq' || file.of.kind === 'fault') && file.of.ctx === ctx)
      hold(file.of.id);
  }
  return users;
}

export const referencesCounted: StateProperty = {
  id: 'references-counted',
  sentence: "Every object's reference count is one plus the references that exist.",
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
