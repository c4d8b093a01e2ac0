import { describe, expect, it } from 'vitest';
import { forEveryHardware } from '../../../checker/assignability/every-hardware.ts';
import { contradictionIn, type IommuHardware } from '../../../spec/pasid/hardware.ts';

/** Asks what it needs and no more. */
function nests(hardware: IommuHardware): string {
  if (!hardware.withoutPasid.includes('nested')) return 'no';
  return hardware.stage2Root === 'pasid' ? hardware.allocation : 'stream';
}

describe('every description of hardware', () => {
  const found = [...forEveryHardware(nests)];

  it('is in exactly one of the results, and none contradicts itself', () => {
    const all = found.flatMap(({ hardware }) => hardware.map((each) => JSON.stringify(each)));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(12972);
    expect(
      found.flatMap(({ hardware }) => hardware.map(contradictionIn)).filter((why) => why !== null),
    ).toEqual([]);
  });

  it('has the result that it would have alone', () => {
    for (const { result, hardware } of found) expect(new Set(hardware.map(nests))).toEqual(new Set([result]));
  });

  it('is looked at as often as answers differ', () => {
    expect(found.map(({ asked }) => Object.keys(asked))).toEqual([
      ['withoutPasid.nested'],
      ['withoutPasid.nested', 'stage2Root'],
      ['withoutPasid.nested', 'stage2Root', 'allocation'],
      ['withoutPasid.nested', 'stage2Root', 'allocation'],
      ['withoutPasid.nested', 'stage2Root', 'allocation'],
    ]);
  });
});
