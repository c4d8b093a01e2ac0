import { hasPasids } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstUnit, hasUnit } from './look.ts';

export const pasidGivenOnce: StateProperty = {
  id: 'pasid-given-once',
  sentence: 'A PASID of a function belongs to at most one of its slices at a time.',
  source: 'seed 002: "the parent device has a single PASID space"',
  kind: 'state',
  appliesTo: hasPasids,
  brokenBy: 'pasid-given-twice',
  violated(world) {
    const holders = new Map<string, string>();
    return firstUnit(world, ({ unit, assigned }) => {
      if (assigned === null) return null;
      const numbers = assigned.given.map(({ host }) => host);
      if (assigned.pasid !== null) numbers.push(assigned.pasid);
      for (const pasid of numbers) {
        const key = `${unit.parent}.${pasid}`;
        const other = holders.get(key);
        if (other !== undefined) return `${other} and ${unit.id} both have PASID ${pasid}`;
        holders.set(key, unit.id);
      }
      return null;
    });
  },
  witness: (world) => hasUnit(world, ({ given }) => given.length > 0),
};
