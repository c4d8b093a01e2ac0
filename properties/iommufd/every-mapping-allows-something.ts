import { firstObject, hex } from '../look.ts';
import type { StateProperty } from '../property.ts';

export const everyMappingAllowsSomething: StateProperty = {
  id: 'every-mapping-allows-something',
  sentence: 'A mapping of an IOAS allows reads or writes.',
  source: 'iommufd: Do not allow creating areas without READ or WRITE (2024-08); rule R-9: EINVAL',
  kind: 'state',
  brokenBy: 'map-without-protection',
  violated: (world) =>
    firstObject(world, (object, id) => {
      if (object.type !== 'ioas') return null;
      const area = object.iopt.areas.find(({ readable, writeable }) => !readable && !writeable);
      return area === undefined
        ? null
        : `IOAS ${id} maps ${hex(area.start)}..${hex(area.last)}, which nothing may read or write`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'ioas' && object.iopt.areas.length > 0 ? true : null)) !==
    null,
};
