import { ownerOfPage } from '../../model/pasid/machine.ts';
import { hasPasids } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstUnit, goes, hasUnit, pageText, pasidText, unitName, wiresOf } from './look.ts';

export const pasidReachesOwnVmOnly: StateProperty = {
  id: 'pasid-reaches-own-vm-only',
  sentence:
    'No request of a function or slice, under any PASID that it can send, reaches memory of another VM.',
  source:
    'seed 002, Ashok Raj: "It seems unsafe to share PASID\'s with different VM\'s"; VT-d 6.5.3.3 (invalidation after a PASID table entry is taken away)',
  kind: 'state',
  appliesTo: hasPasids,
  brokenBy: 'teardown-flush-by-pasid-only',
  violated(world) {
    return firstUnit(world, (look) => {
      for (const { pasid } of wiresOf(look)) {
        for (let iova = 0; iova < look.platform.iovaPages; iova++) {
          const stray = goes(look, pasid, iova).pages.find(
            (page) => look.assigned === null || ownerOfPage(look.platform, page) !== look.assigned.vm,
          );
          if (stray !== undefined)
            return `a request of ${unitName(world, look)} ${pasidText(pasid)} may reach ${pageText(world, look.platform, stray)}`;
        }
      }
      return null;
    });
  },
  witness: (world) =>
    hasUnit(world, ({ vm }) => hasUnit(world, (other) => other.vm !== vm)) &&
    (world.pasids?.stale.length ?? 0) > 0,
};
