import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import { lostAreas } from '../../iommufd/lost-areas.ts';
import type { DeviceHardware, IommuHardware, Platform } from '../../platform/platform.ts';
import { featuresOf } from '../../platform/smmu-features.ts';
import type { Words } from '../../world/command.ts';
import type { Effect } from '../../world/result.ts';
import type { World } from '../../world/world.ts';
import { CD_FORMAT, INVALID_CD, stage1Cd } from './cd.ts';
import { areasOf, attachmentOf, type GroupAttachment, pagingOf, sameDomain } from './domains.ts';
import { updateEntry } from './entry-update.ts';
import { flushRanges, flushTag, SYNC, type Tag } from './flush.ts';
import { contextAddress, tablesAddress } from './layout.ts';
import type { SmmuDriverRules } from './rules.ts';
import type { DomainRef, DriverState, EarlyWrite, HardwareAction } from './state.ts';
import { ABORT_STE, nestedSte, stage1Ste, stage2Ste } from './ste.ts';
import { invalidateGroup, invalidateSte } from './ste-invalidation.ts';

/** What the driver did, and its state then. */
export interface Driven {
  readonly state: DriverState;
  readonly actions: readonly HardwareAction[];
}

/** The driver once it has probed: every stream that a device uses aborts. */
export function probedDriver({ iommus, devices }: Platform): DriverState {
  const streamTables = iommus.map((_, smmu) =>
    Object.fromEntries(
      devices
        .filter((device) => device.iommu === smmu)
        .flatMap((device) => device.streamIds.map((streamId) => [streamId, ABORT_STE] as const)),
    ),
  );
  return { placed: [], atsMasters: [], streamTables, contexts: devices.map(() => INVALID_CD) };
}

/** The driver in progress. */
interface Drive {
  state: DriverState;
  readonly actions: HardwareAction[];
  readonly rules: SmmuDriverRules;
  /** Tables that were filled since the last barrier, by address. */
  filled: readonly bigint[];
}

const NOTHING: readonly HardwareAction[] = Object.freeze([]);

/**
 * What the driver does to the pSMMUs while a command takes the world from `before` to `after`: guests' invalidations,
 * the entries of groups that moved, the flush of tags that nothing uses any longer, the invalidation of what was
 * unmapped from domains that stay.
 */
export function drive(
  state: DriverState,
  before: World,
  after: World,
  effects: readonly Effect[],
  rules: SmmuDriverRules,
): Driven {
  if (before === after && effects.length === 0) return { state, actions: NOTHING };
  const drive: Drive = { state, actions: [], rules, filled: [] };
  for (const effect of effects) {
    if (effect.kind === 'smmuCommands') issue(drive, effect.iommu, [...effect.commands, SYNC]);
  }
  if (before.groups !== after.groups) moveGroups(drive, before, after);
  if (before.contexts !== after.contexts) flushUnmapped(drive, before, after);
  return { state: drive.state, actions: drive.actions };
}

function issue(drive: Drive, smmu: number, commands: readonly CommandWords[]): void {
  if (commands.length === 0) return;
  drive.actions.push({ kind: 'issue', smmu, commands });
  // The queue's own entries are ordered before its index, and with them all that was stored before.
  drive.filled = [];
}

/** Before an entry is written (dma_wmb()). What it says of stores that no barrier came after; nothing: there are none. */
function ordered(drive: Drive): { readonly early?: EarlyWrite } {
  if (drive.rules.tablesPrecedeEntries) drive.filled = [];
  return drive.filled.length === 0 ? {} : { early: { tables: drive.filled } };
}

function moveGroups(drive: Drive, before: World, after: World): void {
  const { devices } = after.platform;
  const attachments = after.groups.map((_, group) => attachmentOf(after, group));
  for (const attachment of attachments) {
    if (attachment.kind !== 'abort') place(drive, attachment.ref);
  }
  const last = drive.rules.tagIsFlushedLast;
  if (!last) flushUnused(drive, before, after);
  devices.forEach((device, index) => {
    if (before.groups[device.group] === after.groups[device.group]) return;
    moveDevice(drive, after.platform, device, index, attachments[device.group] as GroupAttachment);
  });
  if (last) flushUnused(drive, before, after);
  const refs = attachments.flatMap((attachment) => (attachment.kind === 'abort' ? [] : [attachment.ref]));
  const placed = drive.state.placed.map((ref) =>
    ref !== null && refs.some((used) => sameDomain(used, ref)) ? ref : null,
  );
  drive.state = { ...drive.state, placed };
}

/** Empties the TLB of tags that streams had and no stream has any longer. */
function flushUnused(drive: Drive, before: World, after: World): void {
  const used = tagsOf(drive.state, after);
  for (const { smmu, tag } of tagsOf(drive.state, before)) {
    const stays = used.some((other) => other.smmu === smmu && sameTag(other.tag, tag));
    if (!stays && drive.rules.unusedTagIsFlushed) issue(drive, smmu, flushTag(tag));
  }
}

/** Gives a domain the lowest free place, unless it has one. */
function place(drive: Drive, ref: DomainRef): void {
  const { placed } = drive.state;
  if (placed.some((other) => other !== null && sameDomain(other, ref))) return;
  const free = placed.indexOf(null);
  const next = placed.slice();
  const at = free < 0 ? placed.length : free;
  next[at] = ref;
  drive.filled = [...drive.filled, tablesAddress(at)];
  drive.state = { ...drive.state, placed: next };
}

function placeOf({ placed }: DriverState, ref: DomainRef): number {
  return placed.findIndex((other) => other !== null && sameDomain(other, ref));
}

/** ASID 0 is not given out. */
function asidOf(state: DriverState, ref: DomainRef): number {
  return placeOf(state, ref) + 1;
}

/** A stage-1 domain's CD is written before the STE that leads to it, and cleared after no STE leads to it. */
function moveDevice(
  drive: Drive,
  platform: Platform,
  device: DeviceHardware,
  index: number,
  attachment: GroupAttachment,
): void {
  const hardware = platform.iommus[device.iommu] as IommuHardware;
  const ownsStage1 = attachment.kind === 'paging' && attachment.paging.domain.stage === 1;
  const context = ownsStage1
    ? stage1Cd(
        hardware,
        asidOf(drive.state, attachment.ref),
        tablesAddress(placeOf(drive.state, attachment.ref)),
      )
    : INVALID_CD;
  const first = ownsStage1 === drive.rules.cdPrecedesSte;
  if (first) updateCd(drive, device, index, context);
  for (const streamId of device.streamIds) {
    updateSte(drive, platform, device.iommu, streamId, steOf(drive, platform, hardware, index, attachment));
  }
  if (!first) updateCd(drive, device, index, context);
}

function steOf(
  { state, rules }: Drive,
  platform: Platform,
  hardware: IommuHardware,
  device: number,
  attachment: GroupAttachment,
): Words {
  if (attachment.kind === 'abort') return ABORT_STE;
  const ats = usesAts(platform, device, attachment);
  if (attachment.vmid === null) return stage1Ste(contextAddress(device), ats);
  const stalls = featuresOf(hardware).mustStall && rules.stage2StallsIfItMust;
  const stage2 = stage2Ste(
    hardware,
    attachment.vmid,
    tablesAddress(placeOf(state, attachment.ref)),
    stalls,
    ats,
  );
  return attachment.nested === null ? stage2 : nestedSte(attachment.nested, stage2);
}

function updateSte(drive: Drive, platform: Platform, smmu: number, streamId: number, target: Words): void {
  const { rules, state } = drive;
  const { streamTables } = state;
  const current = streamTables[smmu]?.[streamId] ?? ABORT_STE;
  const invalidation = rules.groupIsInvalidatedAsRange
    ? invalidateGroup(platform, smmu, streamId)
    : invalidateSte(streamId);
  for (const words of rules.steUpdate(current, target)) {
    drive.actions.push({ kind: 'writeSte', smmu, streamId, words, ...ordered(drive) });
    if (rules.invalidatesSte) issue(drive, smmu, [invalidation, SYNC]);
  }
  drive.state = {
    ...drive.state,
    streamTables: streamTables.map((table, i) => (i === smmu ? { ...table, [streamId]: target } : table)),
  };
}

function updateCd(drive: Drive, { iommu, streamIds }: DeviceHardware, index: number, target: Words): void {
  const { contexts } = drive.state;
  for (const words of updateEntry(contexts[index] ?? INVALID_CD, target, CD_FORMAT)) {
    drive.actions.push({ kind: 'writeCd', device: index, words, ...ordered(drive) });
    if (!drive.rules.invalidatesCd) continue;
    const commands = streamIds.map((StreamID) => encodeCommand('CFGI_CD', { StreamID, Leaf: 1 }));
    issue(drive, iommu, [...commands, SYNC]);
  }
  drive.state = {
    ...drive.state,
    contexts: contexts.map((words, i) => (i === index ? target : words)),
  };
}

/**
 * Whether a device has ATS switched on (arm_smmu_ats_supported()): on every domain that translates, but that a guest whose
 * entry translates may do without (commit a45dd3466302).
 */
export function usesAts(platform: Platform, device: number, attachment: GroupAttachment): boolean {
  if (attachment.kind === 'abort') return false;
  const { ats = false, iommu } = platform.devices[device] as DeviceHardware;
  if (!ats || !featuresOf(platform.iommus[iommu] as IommuHardware).ats) return false;
  return attachment.nested === null || attachment.nested.enableAts;
}

interface UsedTag {
  readonly smmu: number;
  readonly ref: DomainRef;
  readonly tag: Tag;
}

/** The tags under which streams translate, each once. */
function tagsOf(state: DriverState, world: World): readonly UsedTag[] {
  const used: UsedTag[] = [];
  world.groups.forEach((_, group) => {
    const attachment = attachmentOf(world, group);
    if (attachment.kind === 'abort') return;
    const { paging, ref, vmid } = attachment;
    const { iommu } = paging.domain;
    const tag: Tag =
      vmid === null
        ? { kind: 'asid', asid: asidOf(state, ref) }
        : { kind: 'vmid', vmid, nestParent: paging.nestParent };
    if (!used.some((other) => other.smmu === iommu && sameTag(other.tag, tag)))
      used.push({ smmu: iommu, ref, tag });
  });
  return used;
}

function sameTag(a: Tag, b: Tag): boolean {
  return a.kind === 'asid' ? b.kind === 'asid' && a.asid === b.asid : b.kind === 'vmid' && a.vmid === b.vmid;
}

/** What IOAS_UNMAP took from domains that are in use before and after. */
function flushUnmapped(drive: Drive, before: World, after: World): void {
  if (drive.state.placed.every((ref) => ref === null)) return;
  for (const { smmu, ref, tag } of tagsOf(drive.state, after)) {
    if (pagingOf(before, ref) === null) continue;
    const mapped = areasOf(before, ref);
    const left = areasOf(after, ref);
    if (mapped === left) continue;
    const gone = lostAreas(mapped, left);
    const hardware = after.platform.iommus[smmu] as IommuHardware;
    if (gone.length === 0) continue;
    issue(drive, smmu, flushRanges(reachedBy(tag, before, ref, drive.rules), gone, hardware, drive.rules));
  }
}

/** The tag that an unmap of a domain invalidates: of a vSMMU over it, its own. */
function reachedBy(tag: Tag, world: World, ref: DomainRef, rules: SmmuDriverRules): Tag {
  const own = pagingOf(world, ref)?.domain.vmid ?? null;
  return tag.kind === 'asid' || own === null || rules.unmapReachesNestedTags ? tag : { ...tag, vmid: own };
}
