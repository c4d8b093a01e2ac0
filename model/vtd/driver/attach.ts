import { decode } from '../../../spec/bits.ts';
import { legacyContext, Pgtt, pasidEntry } from '../../../spec/vtd/entries.ts';
import type { DeviceHardware } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import { sameState } from '../../world/equal.ts';
import type { World } from '../../world/world.ts';
import { openLeaf } from './directory.ts';
import { placeTables, releaseUnused, takeDomainId } from './domain-ids.ts';
import { type Drive, deviceTables, flush, putDeviceTables, write } from './drive.ts';
import { legacyEntry, NO_CONTEXT, NO_PASID_ENTRY, nestedEntry, pagingEntry, RID_PASID } from './entries.ts';
import {
  flushContext,
  flushDeviceTlb,
  flushIotlb,
  flushPasidCache,
  flushPasidIotlb,
  type Tag,
} from './flush.ts';
import { isOnOwnDomain, ownDomainOf, ownEntry } from './own-domain.ts';
import { featuresAt, unitOf } from './probe.ts';
import type { PagingRef } from './tables.ts';
import { sameRef, type Target, targetsOf } from './targets.ts';
import { isPresent } from './translation.ts';

/** Brings a device's entries from what was attached to what is. In legacy mode its one entry is the context entry. */
export function moveDevice(drive: Drive, device: number, before: World): void {
  const was = usersOf(before, device);
  const is = usersOf(drive.world, device);
  for (const pasid of new Set([...was, ...is].map((user) => user.pasid))) {
    const old = was.find((user) => user.pasid === pasid);
    const user = is.find((each) => each.pasid === pasid);
    if (old !== undefined && user !== undefined && sameRef(old.hwpt, user.hwpt)) continue;
    if (!featuresAt(drive.world.platform, device).scalable) moveLegacy(drive, device, user?.target);
    else movePasid(drive, device, pasid, old !== undefined, user, is);
  }
}

/** What an entry serves: an HWPT that is attached, or the kernel's own domain. */
interface User {
  readonly pasid: number;
  readonly hwpt: PagingRef;
  readonly target?: Target;
}

function usersOf(world: World, device: number): readonly User[] {
  const targets = targetsOf(world, device).map((target) => ({
    pasid: target.pasid,
    hwpt: target.hwpt,
    target,
  }));
  return isOnOwnDomain(world, device)
    ? [{ pasid: RID_PASID, hwpt: ownDomainOf(world.platform, device) }, ...targets]
    : targets;
}

/** A replace takes the old entry away with everything of it that is cached, and writes the new one then (rule R-52). */
function movePasid(
  drive: Drive,
  device: number,
  pasid: number,
  wasAttached: boolean,
  user: User | undefined,
  after: readonly User[],
): void {
  const { platform } = drive.world;
  const replaces = wasAttached && user !== undefined;
  // Without a PASID the device is blocked first, so that the domain id is free again; with one it gets its new id first.
  if (pasid !== RID_PASID && user !== undefined) takeDomainId(drive, unitOf(platform, device), user.hwpt);
  if (wasAttached && (!replaces || drive.rules.replaceBreaksFirst)) {
    tearDown(drive, device, pasid);
    if (pasid === RID_PASID) releaseUnused(drive);
  }
  if (user !== undefined) setUp(drive, device, pasid, user, after);
  releaseUnused(drive);
}

/** The entry of requests without PASID once a device was found again. */
export function setUpFound(drive: Drive, device: number): void {
  for (const user of usersOf(drive.world, device)) setUp(drive, device, user.pasid, user, [user]);
}

function setUp(drive: Drive, device: number, pasid: number, user: User, after: readonly User[]): void {
  const { platform } = drive.world;
  const words =
    user.target === undefined ? ownEntry(drive, platform, device) : entryOf(drive, device, user.target);
  const elsewhere = after.filter((other) => sameRef(other.hwpt, user.hwpt)).map((other) => other.pasid);
  const index = drive.rules.pasidEntryIndex(pasid, elsewhere);
  const current = deviceTables(drive, device).entries[index] ?? NO_PASID_ENTRY;
  // A device with the same table has been set up already.
  if (drive.rules.aliasesShareTable && sameState(current, words)) return;
  writeEntry(drive, device, index, words);
  if (isPresent(current)) flushEntry(drive, device, index, current);
}

function entryOf(drive: Drive, device: number, target: Target): Words {
  const { platform } = drive.world;
  const features = featuresAt(platform, device);
  const domainId = takeDomainId(drive, unitOf(platform, device), target.hwpt);
  const table = placeTables(drive, target.ref);
  const tracks = target.paging.dirty?.tracking === true;
  return target.nested === null
    ? pagingEntry(features, target.paging.domain, domainId, table, tracks)
    : nestedEntry(features, target.nested, domainId, table, tracks && drive.rules.nestedAttachTracks);
}

/** intel_pasid_tear_down_entry(). */
export function tearDown(drive: Drive, device: number, pasid: number): void {
  const words = deviceTables(drive, device).entries[pasid];
  if (words === undefined) return;
  writeEntry(drive, device, pasid, NO_PASID_ENTRY);
  flushEntry(drive, device, pasid, words);
}

function writeEntry(drive: Drive, device: number, pasid: number, words: Words): void {
  for (const each of sharersOf(drive, device)) {
    openLeaf(drive, each, pasid);
    const tables = deviceTables(drive, each);
    const current = tables.entries[pasid] ?? NO_PASID_ENTRY;
    write(drive, each, { table: 'pasid', pasid }, drive.rules.pasidEntryUpdate(current, words));
    const { [pasid]: _, ...others } = tables.entries;
    const entries = isPresent(words) ? { ...others, [pasid]: words } : others;
    putDeviceTables(drive, each, { ...tables, entries });
  }
}

/** The devices that see a store into a device's PASID table: itself, and where aliases share one table they all. */
function sharersOf({ rules, world }: Drive, device: number): readonly number[] {
  const { devices } = world.platform;
  const { alias, iommu } = devices[device] as DeviceHardware;
  if (alias === undefined || !rules.aliasesShareTable) return [device];
  return [...devices.keys()].filter(
    (each) => devices[each]?.alias === alias && devices[each].iommu === iommu,
  );
}

/** What is cached of an entry that was there: the entry itself, then translations by the tags that it gave them. */
export function flushEntry(drive: Drive, device: number, pasid: number, words: Words): void {
  const { platform } = drive.world;
  const iommu = unitOf(platform, device);
  const { DID, PGTT } = decode(pasidEntry, words);
  const tag = tagOf(drive, device, pasid, DID);
  const byPasid = PGTT === Pgtt.First || PGTT === Pgtt.PassThrough || !drive.rules.teardownFlushesDomain;
  flush(drive, iommu, [flushPasidCache(tag)]);
  flush(drive, iommu, [
    byPasid
      ? flushPasidIotlb(tag, null, drive.rules.unmapMask)
      : flushIotlb(tag, null, featuresAt(platform, device), drive.rules.unmapMask),
  ]);
  flush(drive, iommu, flushDeviceTlb(tag, null, drive.rules.unmapMask, drive.rules));
}

export function tagOf(drive: Drive, device: number, pasid: number, domainId: number): Tag {
  const { ats = false, streamIds } = drive.world.platform.devices[device] as DeviceHardware;
  const deviceTlb = ats && featuresAt(drive.world.platform, device).deviceTlb;
  return { sid: streamIds[0] ?? 0, deviceTlb, pasid, domainId };
}

/** domain_context_clear_one() and domain_context_mapping_one(). */
function moveLegacy(drive: Drive, device: number, target: Target | undefined): void {
  const { platform } = drive.world;
  const features = featuresAt(platform, device);
  const iommu = unitOf(platform, device);
  const tables = deviceTables(drive, device);
  if (isPresent(tables.context)) {
    const { DID } = decode(legacyContext, tables.context);
    const tag = tagOf(drive, device, RID_PASID, DID);
    write(drive, device, { table: 'context' }, drive.rules.contextClear(tables.context));
    putDeviceTables(drive, device, { ...tables, context: NO_CONTEXT });
    flush(drive, iommu, [flushContext(tag.sid)]);
    flush(drive, iommu, [flushIotlb(tag, null, features, drive.rules.unmapMask)]);
    if (drive.rules.contextChangeFlushesDevice)
      flush(drive, iommu, flushDeviceTlb(tag, null, drive.rules.unmapMask, drive.rules));
    releaseUnused(drive);
  }
  if (target === undefined) return;
  const domainId = takeDomainId(drive, iommu, target.hwpt);
  const table = placeTables(drive, target.ref);
  const context = legacyEntry(features, domainId, table, tagOf(drive, device, RID_PASID, domainId).deviceTlb);
  write(drive, device, { table: 'context' }, [context]);
  putDeviceTables(drive, device, { ...deviceTables(drive, device), context });
}
