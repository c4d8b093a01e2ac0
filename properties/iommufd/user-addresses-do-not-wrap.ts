import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { firstObject, hex } from '../look.ts';
import type { StateProperty } from '../property.ts';

export const userAddressesDoNotWrap: StateProperty = {
  id: 'user-addresses-do-not-wrap',
  sentence: 'The user addresses of a mapping lie within the address space.',
  source: 'iommufd: Check for uptr overflow (2023-04); rule R-9: EOVERFLOW',
  kind: 'state',
  brokenBy: 'user-address-wraps',
  violated: (world) =>
    firstObject(world, (object, id) => {
      if (object.type !== 'ioas') return null;
      const area = object.iopt.areas.find(({ va, start, last }) => va + (last - start) > ULONG_MAX);
      return area === undefined
        ? null
        : `IOAS ${id} maps ${hex(area.start)}..${hex(area.last)} to user memory from ${hex(area.va)} on, past its end`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'ioas' && object.iopt.areas.length > 0 ? true : null)) !==
    null,
};
