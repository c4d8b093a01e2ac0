import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { compatible } from '../../../model/iommufd/drivers/vtd/compatible.ts';
import { vtd as driver } from '../../../model/iommufd/drivers/vtd/vtd.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import { type VtdFeatures, vtdFeaturesOf } from '../../../model/platform/vtd-features.ts';
import { intended } from '../../../model/rules.ts';
import type { World } from '../../../model/world/world.ts';
import { update } from '../../../spec/bits.ts';
import { HWPT_VTD_S1 } from '../../../spec/iommufd/constants.ts';
import { cap, ecap } from '../../../spec/vtd/registers.ts';
import { vtd } from '../../../workload/scopes/vtd.ts';

const UNIT = bootWorld(vtd.platform).iommus[0] as World['iommus'][number];

type Registers = {
  readonly cap?: Parameters<typeof update<typeof cap>>[2];
  readonly ecap?: Parameters<typeof update<typeof ecap>>[2];
};

/** The platform whose first remapping unit has other fields in its capability registers. */
function having(fields: Registers): Platform {
  const [unit, ...others] = vtd.platform.iommus;
  if (unit?.vtd === undefined) throw new Error('the first unit is one of VT-d');
  const registers = {
    ...unit.vtd,
    cap: update(cap, [unit.vtd.cap], fields.cap ?? {})[0] ?? 0n,
    ecap: update(ecap, [unit.vtd.ecap], fields.ecap ?? {})[0] ?? 0n,
  };
  return { ...vtd.platform, iommus: [{ ...unit, vtd: registers }, ...others] };
}

function features(fields: Registers): VtdFeatures {
  return vtdFeaturesOf(having(fields).iommus[0] as Platform['iommus'][number]);
}

describe('a remapping unit', () => {
  it.each<[string, Registers, Partial<VtdFeatures>]>([
    [
      'in legacy mode has a second stage, whatever SSTS says',
      { ecap: { SMTS: 0, SSTS: 0 } },
      { secondStage: true },
    ],
    ['in scalable mode has one by SSTS', { ecap: { SMTS: 1, SSTS: 0 } }, { secondStage: false }],
    ['with SSTS has one', { ecap: { SMTS: 1, SSTS: 1 } }, { secondStage: true }],
    ['without SC cannot force coherent accesses', { ecap: { SC: 0 } }, { snoopControl: false }],
    ['with SC can', { ecap: { SC: 1 } }, { snoopControl: true }],
    ['with PSI invalidates page by page', { cap: { PSI: 1 } }, { pageSelective: true }],
    ['without PSI does not', { cap: { PSI: 0 } }, { pageSelective: false }],
    ['without SRS knows no supervisor requests', { ecap: { SRS: 0 } }, { supervisorRequests: false }],
  ])('%s', (_what, fields, expected) => {
    expect(features(fields)).toMatchObject(expected);
  });
});

describe("a guest's first stage", () => {
  it.each([
    ['asks for supervisor requests that are there', HWPT_VTD_S1.SRE, 1, null],
    ['asks for supervisor requests that are not', HWPT_VTD_S1.SRE, 0, 'EINVAL'],
    ['asks for none, and there are none', 0n, 0, null],
  ])('%s', (_what, flags, SRS, expected) => {
    const platform = having({ ecap: { SRS } });
    const made = driver.allocPaging(platform, UNIT, 0, 1, null);
    if (typeof made === 'string') throw new Error(made);
    const domain = { iommu: 0, config: 'firstStage', flags, table: 0n, addressWidth: 48 } as const;
    expect(compatible(platform, 0, domain, made.made, intended.vtd)).toBe(expected);
  });
});

describe('the aperture of a domain', () => {
  it.each([
    ['of a first stage is the lower half of 48 bits', 8, (1n << 47n) - 1n],
    ['of a second stage is what the unit takes', 1, features({}).secondStageLast],
  ])('%s', (_what, flags, last) => {
    const made = driver.allocPaging(vtd.platform, UNIT, 0, flags, null);
    expect(typeof made === 'string' ? made : made.made.geometry.apertureLast).toBe(last);
  });
});
