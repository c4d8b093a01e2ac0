import type { Interval } from '../../model/iommufd/interval.ts';
import type { IoPageTable } from '../../model/iommufd/iopt/table.ts';
import { firstObject, hex } from '../look.ts';
import type { StateProperty, Violation } from '../property.ts';

function overlap(a: readonly Interval[], b: readonly Interval[]): Interval | null {
  for (const x of a) {
    for (const y of b) {
      if (x !== y && x.start <= y.last && y.start <= x.last) return x;
    }
  }
  return null;
}

function overlaps({ areas, reserved, allowed }: IoPageTable): Violation {
  const pairs: readonly [string, readonly Interval[], readonly Interval[]][] = [
    ['two areas', areas, areas],
    ['an area and a reserved range', areas, reserved],
    ['an allowed and a reserved range', allowed, reserved],
    ['two allowed ranges', allowed, allowed],
  ];
  for (const [what, a, b] of pairs) {
    const at = overlap(a, b);
    if (at !== null) return `${what} overlap at ${hex(at.start)}..${hex(at.last)}`;
  }
  return null;
}

export const iovaSpaceDisjoint: StateProperty = {
  id: 'iova-space-disjoint',
  sentence:
    'Areas do not overlap each other or a reserved range, and allowed ranges are clear of reserved ones.',
  source: 'drivers/iommu/iommufd/io_pagetable.h: struct io_pagetable',
  kind: 'state',
  brokenBy: 'reserve-ignores-use',
  violated: (world) =>
    firstObject(world, (object, id) => {
      const what = object.type === 'ioas' ? overlaps(object.iopt) : null;
      return what === null ? null : `in IOAS ${id}, ${what}`;
    }),
  witness: (world) =>
    firstObject(world, (object) =>
      object.type === 'ioas' && object.iopt.areas.length > 0 && object.iopt.reserved.length > 0 ? true : null,
    ) !== null,
};
