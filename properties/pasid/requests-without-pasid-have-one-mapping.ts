import { ownerOfPage } from '../../model/pasid/machine.ts';
import { hasPasids } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstUnit, goes, pageText } from './look.ts';

export const requestsWithoutPasidHaveOneMapping: StateProperty = {
  id: 'requests-without-pasid-have-one-mapping',
  sentence:
    'Requests without PASID of a function have one mapping: that of the VM that has the whole function. While slices of it are given away they have none.',
  source: 'seed 002, Ashok Raj: "any request W/O PASID has only one mapping"',
  kind: 'state',
  appliesTo: hasPasids,
  brokenBy: 'whole-and-slices-together',
  violated(world) {
    return firstUnit(world, (whole) => {
      if (whole.unit.slice) return null;
      const sliced = firstUnit(world, (other) =>
        other.unit.slice && other.unit.parent === whole.unit.parent && other.assigned !== null ? other : null,
      );
      for (let iova = 0; iova < whole.platform.iovaPages; iova++) {
        for (const page of goes(whole, 0, iova).pages) {
          const owner = ownerOfPage(whole.platform, page);
          const where = pageText(world, whole.platform, page);
          if (sliced !== null)
            return `requests of ${whole.unit.id} without PASID may reach ${where} while ${sliced.unit.id} is given away`;
          if (owner === null || owner !== whole.assigned?.vm)
            return `requests of ${whole.unit.id} without PASID may reach ${where}`;
        }
      }
      return null;
    });
  },
  witness: (world) =>
    firstUnit(world, ({ unit, assigned }) => (!unit.slice && assigned !== null ? true : null)) === true,
};
