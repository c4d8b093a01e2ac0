import { decode } from '../../../spec/bits.ts';
import { legacyContext, pasidEntry } from '../../../spec/vtd/entries.ts';
import type { FlushedRange } from '../../iommufd/drivers/driver.ts';
import { lostAreas } from '../../iommufd/lost-areas.ts';
import { areasOf, pagingOf } from '../../smmu/driver/domains.ts';
import type { World } from '../../world/world.ts';
import { tagOf } from './attach.ts';
import { type Drive, deviceTables, flush } from './drive.ts';
import { RID_PASID } from './entries.ts';
import { flushDeviceTlb, flushIotlb, flushPasidIotlb, type Tag } from './flush.ts';
import { featuresAt, unitOf } from './probe.ts';
import type { PagingRef } from './tables.ts';
import { sameRef, type Target, targetsOf } from './targets.ts';
import { isPresent } from './translation.ts';

/** A tag of a domain (struct cache_tag), and what the attachment is that gave it. */
interface Use {
  readonly device: number;
  readonly target: Target;
  readonly tag: Tag;
}

/** What IOAS_UNMAP took from domains that are in use before and after (cache_tag_flush_range()). */
export function flushUnmapped(drive: Drive, before: World): void {
  const uses = usesOf(drive);
  for (const ref of drive.tables.placed) {
    if (ref === null || pagingOf(before, ref) === null) continue;
    const mapped = areasOf(before, ref);
    const left = areasOf(drive.world, ref);
    if (mapped === left) continue;
    for (const { start, last } of lostAreas(mapped, left))
      flushDomain(drive, ref, uses, { start, last, leaf: false });
  }
}

function flushDomain(drive: Drive, ref: PagingRef, uses: readonly Use[], range: FlushedRange): void {
  const { platform } = drive.world;
  for (const { device, target, tag } of uses) {
    if (!sameRef(target.ref, ref)) continue;
    const iommu = unitOf(platform, device);
    const features = featuresAt(platform, device);
    const { unmapMask } = drive.rules;
    if (target.nested === null) {
      flush(drive, iommu, [
        target.paging.domain.stage === 1
          ? flushPasidIotlb(tag, range, unmapMask)
          : flushIotlb(tag, range, features, unmapMask),
        ...(target.pasid === RID_PASID || drive.rules.unmapReachesPasidDevices
          ? flushDeviceTlb(tag, range, unmapMask, drive.rules)
          : []),
      ]);
      continue;
    }
    // What the flushes are gathered in is made when a device is attached to the domain itself, or nested on it.
    if (!drive.rules.nestedParentHasBatch && !uses.some((use) => isOn(use, ref)))
      throw new Error('a flush of a domain that has no batch');
    // Nested translations have the domain id of what is nested, and nobody knows which of a device's came through the range.
    const reached = drive.rules.unmapReachesNestedIds ? [flushIotlb(tag, range, features, unmapMask)] : [];
    const ofDevice = drive.rules.unmapReachesNestedDevices
      ? flushDeviceTlb(tag, null, unmapMask, drive.rules)
      : [];
    flush(drive, iommu, [...reached, ...ofDevice]);
  }
}

function isOn({ target }: Use, ref: PagingRef): boolean {
  return target.nested === null && sameRef(target.ref, ref);
}

/** What a guest invalidated on its nested HWPT: the same addresses under every tag that the HWPT has. */
export function flushNested(drive: Drive, hwpt: PagingRef, ranges: readonly FlushedRange[]): void {
  for (const range of ranges) {
    for (const { device, target, tag } of usesOf(drive)) {
      if (!sameRef(target.hwpt, hwpt)) continue;
      flush(drive, unitOf(drive.world.platform, device), [
        flushPasidIotlb(tag, range, drive.rules.flushMask),
        ...flushDeviceTlb(tag, range, drive.rules.flushMask, drive.rules),
      ]);
    }
  }
}

function usesOf(drive: Drive): readonly Use[] {
  const { platform } = drive.world;
  return platform.devices.flatMap((_, device) =>
    targetsOf(drive.world, device).flatMap((target) => {
      const domainId = domainIdOf(drive, device, target.pasid);
      return domainId === null ? [] : [{ device, target, tag: tagOf(drive, device, target.pasid, domainId) }];
    }),
  );
}

function domainIdOf(drive: Drive, device: number, pasid: number): number | null {
  const { context, entries } = deviceTables(drive, device);
  if (!featuresAt(drive.world.platform, device).scalable)
    return pasid === RID_PASID && isPresent(context) ? decode(legacyContext, context).DID : null;
  const words = entries[pasid];
  return words === undefined ? null : decode(pasidEntry, words).DID;
}
