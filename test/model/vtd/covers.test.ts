import { describe, expect, it } from 'vitest';
import { EVERY_PAGE, NO_PAGES } from '../../../model/caches/pages.ts';
import type { IommuHardware } from '../../../model/platform/platform.ts';
import { vtdFeaturesOf } from '../../../model/platform/vtd-features.ts';
import { flushIotlb } from '../../../model/vtd/driver/flush.ts';
import { alignedMask } from '../../../model/vtd/driver/mask.ts';
import { vtdCoverage } from '../../../model/vtd/machine/covers.ts';
import { contextEntry, deviceTlbEntry, iotlbEntry, type VtdEntry } from '../../../model/vtd/machine/entry.ts';
import { VTD_PIECES } from '../../../model/vtd/machine/entry-pieces.ts';
import { encode } from '../../../spec/bits.ts';
import { ContextGranularity, decodeDescriptor, encodeDescriptor } from '../../../spec/vtd/descriptor.ts';
import { legacyContext } from '../../../spec/vtd/entries.ts';
import { vtd } from '../../../workload/scopes/vtd.ts';

/*
 * dev0 (10) and dev1 (18) are behind a unit in scalable mode, dev2 (20) behind one in legacy mode (VT-d 6.5.2).
 */
const { platform } = vtd;
const [SCALABLE, LEGACY] = [0, 1];

const run = { first: 4, last: 7, out: 40, read: true, write: true };
const tlbOf = (device: number, pasid: number): VtdEntry => deviceTlbEntry({ ...run, device, pasid });
const contextOf = (device: number, DID: number): VtdEntry =>
  contextEntry(device, encode(legacyContext, { P: 1, DID }));

describe('an invalidation of context entries', () => {
  const device = encodeDescriptor('CONTEXT_CACHE', { G: ContextGranularity.Device, SID: 0x10 });
  const domain = encodeDescriptor('CONTEXT_CACHE', { G: ContextGranularity.Domain, DID: 5 });

  it('by device takes those of that device', () => {
    const covers = vtdCoverage(platform, SCALABLE, device);
    expect(covers(contextOf(0, 5))).toBe(EVERY_PAGE);
    expect(covers(contextOf(1, 5))).toBe(NO_PAGES);
    expect(covers(tlbOf(0, 0))).toBe(NO_PAGES);
  });

  it('by domain takes those with that domain id behind its unit, and nothing else that is cached', () => {
    const covers = vtdCoverage(platform, LEGACY, domain);
    expect(covers(contextOf(2, 5))).toBe(EVERY_PAGE);
    expect(covers(contextOf(2, 6))).toBe(NO_PAGES);
    expect(covers(contextOf(1, 5))).toBe(NO_PAGES);
  });
});

it('an invalidation of a device TLB without a PASID takes what is there of requests without one, in its range', () => {
  const covers = vtdCoverage(
    platform,
    SCALABLE,
    encodeDescriptor('DEVICE_TLB', { SID: 0x10, S: 0, ADDR: 5n << 12n }),
  );
  expect(covers(tlbOf(0, 0))).toEqual([{ first: 5, last: 5 }]);
  expect(covers(tlbOf(0, 1))).toBe(NO_PAGES);
  expect(covers(tlbOf(1, 0))).toBe(NO_PAGES);
  expect(covers(contextOf(0, 5))).toBe(NO_PAGES);
});

it('translations that embed a second stage are not lines of those that do not', () => {
  const entry = { ...run, iommu: 0, holds: 'final' as const, domainId: 3, pasid: 1, gpa: 20 };
  const [nested, flat] = [iotlbEntry({ ...entry, nested: true }), iotlbEntry({ ...entry, nested: false })];
  expect(VTD_PIECES.sameLine(nested, flat)).toBe(false);
  expect(VTD_PIECES.sameLine(nested, iotlbEntry({ ...entry, nested: true }))).toBe(true);
});

it('a range that is larger than the unit can name is flushed by domain', () => {
  const features = vtdFeaturesOf(platform.iommus[SCALABLE] as IommuHardware);
  const tag = { domainId: 3, pasid: 0, deviceTlb: false } as Parameters<typeof flushIotlb>[0];
  const flushed = (pages: bigint) => {
    const range = { start: 0n, last: (pages << 12n) - 1n, leaf: false };
    return decodeDescriptor(flushIotlb(tag, range, features, alignedMask))?.fields;
  };
  expect(flushed(512n)).toMatchObject({ G: 3, AM: 9 });
  expect(flushed(1024n)).toMatchObject({ G: 2, AM: 0 });
});
