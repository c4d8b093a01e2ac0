import type { DeviceHardware, Platform } from '../../platform/platform.ts';
import type { VtdFeatures } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import type { World } from '../../world/world.ts';
import { takeDomainId } from './domain-ids.ts';
import { pagingEntry } from './entries.ts';
import { ownTableAddress } from './layout.ts';
import { featuresAt, unitOf } from './probe.ts';
import type { PagingRef, VtdTables } from './tables.ts';

/** No process has a context of this number: its domains are the kernel's own. */
const KERNEL = -1;

/** The kernel's own domain of a device's group (group->default_domain). */
export function ownDomainOf(platform: Platform, device: number): PagingRef {
  return { ctx: KERNEL, hwpt: groupOf(platform, device) };
}

/** Whether a device's requests without PASID go there: nobody owns its group, and the entry is one of a PASID table. */
export function isOnOwnDomain({ platform, groups }: World, device: number): boolean {
  return (
    featuresAt(platform, device).scalable && groups[groupOf(platform, device)]?.domain.kind === 'default'
  );
}

/**
 * The entry by which requests without PASID reach that domain, which uses the first stage where it can. No device of these
 * platforms has a kernel driver, so that nothing is mapped there.
 */
export function ownEntry(holder: { tables: VtdTables }, platform: Platform, device: number): Words {
  const features = featuresAt(platform, device);
  const domainId = takeDomainId(holder, unitOf(platform, device), ownDomainOf(platform, device));
  const table = ownTableAddress(groupOf(platform, device), timesMade(holder.tables, platform, device));
  const stage = stageOf(features);
  // Coherency is enforced only for who asks for it, and the kernel does not.
  return pagingEntry(features, { stage, enforceCoherency: false }, domainId, table, false);
}

function stageOf({ firstStage }: VtdFeatures): 1 | 2 {
  return firstStage ? 1 : 2;
}

/** A group, and its domain, goes with its last device, and is made again with the first. */
function timesMade({ devices }: VtdTables, platform: Platform, device: number): number {
  const group = groupOf(platform, device);
  const isAlone = platform.devices.every((other, index) => index === device || other.group !== group);
  return isAlone ? (devices[device]?.table ?? 0) : 0;
}

function groupOf(platform: Platform, device: number): number {
  return (platform.devices[device] as DeviceHardware).group;
}
