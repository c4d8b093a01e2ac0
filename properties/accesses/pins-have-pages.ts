import { firstObject, objectOf } from '../look.ts';
import { hasMediated } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const pinsHavePages: StateProperty = {
  id: 'pins-have-pages',
  sentence: 'A driver pins pages of memory only, never those of a dma-buf or of a doorbell.',
  source: 'iommufd: reject DMABUF in access pin (5f3fc0ad9a41); iommufd_access_pin_pages()',
  kind: 'state',
  appliesTo: hasMediated,
  brokenBy: 'dmabuf-is-pinned',
  violated: (world) =>
    firstObject(world, (object, id, context) => {
      if (object.type !== 'access' || object.ioas === null) return null;
      const { areas } = objectOf(context, object.ioas, 'ioas')?.iopt ?? { areas: [] };
      const without = areas.filter(({ dmabuf, doorbell }) => dmabuf !== undefined || doorbell !== undefined);
      const meets = object.pins.some(({ start, last }) =>
        without.some((area) => area.start <= last && start <= area.last),
      );
      return meets ? `access ${id} has pinned what has no pages` : null;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'access' && object.pins.length > 0 ? true : null)) ===
    true,
};
