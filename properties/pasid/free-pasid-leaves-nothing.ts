import type { Cached } from '../../model/pasid/machine.ts';
import { hasPasids } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstUnit, pasidText, wiresOf } from './look.ts';

function cachedText(cached: Cached): string {
  if (cached.cache === 'second') return `stage 2 of page ${cached.input} under domain ${cached.domain}`;
  return `${cached.cache === 'entry' ? 'the entry' : `page ${cached.iova}`} ${pasidText(cached.pasid)}`;
}

export const freePasidLeavesNothing: StateProperty = {
  id: 'free-pasid-leaves-nothing',
  sentence: 'A PASID that no VM can use has no entry in a PASID table and none in a cache.',
  source: 'VT-d 3.x 6.5.3.3; IHI0070 4.3.4: CMD_CFGI_CD; seed 002: PASIDs are allocated to mdevs',
  kind: 'state',
  appliesTo: hasPasids,
  brokenBy: 'pasid-entry-stays-cached',
  violated(world) {
    const { pasids: machine, platform } = world;
    if (machine === null || platform.pasid === undefined) return null;
    const used = new Set<string>();
    const domains = new Set<number>();
    firstUnit(world, (look) => {
      if (look.assigned === null) return null;
      for (const { guest, pasid } of wiresOf(look)) {
        used.add(`${look.unit.parent}.${pasid}`);
        domains.add(look.index * (look.platform.pasids + 1) + guest);
      }
      return null;
    });
    for (const [at, stream] of machine.streams.entries()) {
      for (const [pasid, entry] of stream.entries.entries())
        if (entry !== null && !used.has(`${at}.${pasid}`))
          return `nobody has PASID ${pasid}, and there is an entry for it`;
    }
    const left = machine.stale.find((each) =>
      each.cache === 'second' ? !domains.has(each.domain) : !used.has(`${each.stream}.${each.pasid}`),
    );
    return left === undefined ? null : `caches may still hold ${cachedText(left)}, which nobody has`;
  },
  witness: ({ pasids }) => pasids !== null && pasids.stale.length > 0,
};
