import { firstObject } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const automaticHwptGoesWithLastAttachment: StateProperty = {
  id: 'automatic-hwpt-goes-with-last-attachment',
  sentence:
    'An HWPT that an attach to an IOAS created exists as long as a device is attached to it, and no longer.',
  source: 'Documentation/userspace-api/iommufd.rst: automatic domains; rule R-43',
  kind: 'state',
  appliesTo: hasFreeProcess,
  brokenBy: 'destroy-holds-reference',
  violated: (world) =>
    firstObject(world, (object, id, context) => {
      if (object.type !== 'hwptPaging' || !object.autoDomain) return null;
      return context.groups.some(({ attach }) => attach?.hwpt === id)
        ? null
        : `automatic HWPT ${id} is there with ${object.users} references and no device on it`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'hwptPaging' && object.autoDomain ? true : null)) !==
    null,
};
