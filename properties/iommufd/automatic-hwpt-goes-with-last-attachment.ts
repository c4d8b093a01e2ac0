import type { World } from '../../model/world/world.ts';
import { callsInFlight, firstObject } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** Whether an attachment by another thread is about to attach the device for which it is made. */
function isBeingMade(world: World, ctx: number, id: number): boolean {
  return callsInFlight(world).some(
    ({ ctx: of, what }) => of === ctx && what.call === 'attach' && what.made === id,
  );
}

export const automaticHwptGoesWithLastAttachment: StateProperty = {
  id: 'automatic-hwpt-goes-with-last-attachment',
  sentence:
    'An HWPT that an attach to an IOAS created exists as long as a device is attached to it, and no longer.',
  source: 'Documentation/userspace-api/iommufd.rst: automatic domains; rule R-43',
  kind: 'state',
  appliesTo: hasFreeProcess,
  brokenBy: 'destroy-holds-reference',
  violated: (world) =>
    firstObject(world, (object, id, context, ctx) => {
      if (object.type !== 'hwptPaging' || !object.autoDomain || isBeingMade(world, ctx, id)) return null;
      return context.groups.some(({ attach }) => attach?.hwpt === id)
        ? null
        : `automatic HWPT ${id} is there with ${object.users} references and no device on it`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'hwptPaging' && object.autoDomain ? true : null)) !==
    null,
};
