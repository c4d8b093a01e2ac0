import { describe, expect, it } from 'vitest';
import type { PagingDomain } from '../../../model/iommufd/drivers/driver.ts';
import { smmuv3 } from '../../../model/iommufd/drivers/smmuv3.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import { intended } from '../../../model/rules.ts';
import { guestDma } from '../../../workload/scopes/guest-dma.ts';

const { platform } = guestDma;

/** The platform with other hardware behind its first device. */
function having(change: {
  readonly device?: Partial<Platform['devices'][number]>;
  readonly iommu?: Partial<Platform['iommus'][number]>;
  readonly its?: Partial<Platform['its'][number]>;
}): Platform {
  const first = <T>(list: readonly T[], with_: Partial<T> | undefined) =>
    list.map((each, at) => (at === 0 ? { ...each, ...with_ } : each));
  return {
    ...platform,
    devices: first(platform.devices, change.device),
    iommus: first(platform.iommus, change.iommu),
    its: first(platform.its, change.its),
  };
}

/** IDR0 with another HTTU, bits [7:6]. */
function updating(httu: number): Platform {
  const [idr0 = 0, ...others] = platform.iommus[0]?.idr ?? [];
  return having({ iommu: { idr: [(idr0 & ~0xc0) | (httu << 6), ...others] } });
}

describe('dirty tracking', () => {
  it.each([
    [0, false],
    [1, false],
    [2, true],
  ])('with HTTU %i', (httu, tracks) => {
    expect(smmuv3.dirtyTracking(updating(httu), 0, intended)).toBe(tracks);
  });
});

describe('reserved regions', () => {
  it('are the doorbells themselves where the SMMU never sees MSIs, and no window', () => {
    const regions = smmuv3.reservedRegions(having({ its: { untranslated: true } }), 0);
    expect(regions.map(({ start, swMsi }) => [start, swMsi])).toEqual([[platform.its[0]?.doorbell, false]]);
  });

  it('are a window of the kernel elsewhere', () => {
    expect(smmuv3.reservedRegions(platform, 0).some(({ swMsi }) => swMsi)).toBe(true);
  });
});

describe('a device whose DMA can be made incoherent', () => {
  const paging: PagingDomain = {
    iommu: 0,
    stage: 2,
    vmid: 1,
    enforceCoherency: false,
    geometry: { apertureStart: 0n, apertureLast: (1n << 44n) - 1n, minPage: 0x1000n },
  };
  const nested = (config: 'bypass' | 's1Translate') =>
    ({ iommu: 0, config, ste: [0n, 0n], enableAts: false }) as const;
  const incoherent = having({ device: { canwbs: false } });

  it.each([
    ['a paging domain', paging, null],
    ['a bypass of stage 1', nested('bypass'), null],
    ["a guest's stage 1", nested('s1Translate'), 'EINVAL'],
  ])('on %s', (_what, domain, expected) => {
    expect(smmuv3.attach(incoherent, 0, domain, paging, 0x20n, false, intended)).toBe(expected);
  });

  it('is not on what was made for others', () => {
    const coherent = { ...paging, enforceCoherency: true };
    expect(smmuv3.attach(incoherent, 0, coherent, coherent, null, false, intended)).toBe('EINVAL');
  });
});
