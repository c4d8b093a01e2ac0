import type { MsiMessage } from '../host/msi-message.ts';
import type { LegacyGroupHardware } from '../platform/legacy.ts';
import type { DmaOutcome } from '../smmu/machine/outcome.ts';
import type { Legacy } from './access.ts';
import { doorbellIn, type MsiCookie } from './cookie.ts';
import { firstMapping, iommuOf, type LegacyDomain, type LegacyGroup, type LegacyMachine } from './machine.ts';
import { itsOfGroup } from './regions.ts';

/** What a request meets: memory of the process, or a doorbell; and the stage that translated it. */
export interface Reached {
  readonly what: 'memory' | 'doorbell';
  /** The process's own address, or the doorbell's physical one. */
  readonly address: bigint;
  readonly stage: 1 | 2;
}

/** The domain of its user's that a group is on; null: it is on none. */
export function domainOf({ containers, groups }: LegacyMachine, group: number): LegacyDomain | null {
  const container = containers[groups[group]?.container ?? -1];
  return container?.domains.find((each) => each.groups.includes(group)) ?? null;
}

/** Bytes of a page of the kernel's own domain: the smallest that the IOMMU maps. A user's domain has the kernel's pages. */
export function ownPageSize({ platform }: Legacy, group: number): bigint {
  return iommuOf(platform, (platform.groups[group] as LegacyGroupHardware).iommu).pageSize;
}

/**
 * What a request of a group reaches by the tables of the domain that it is on. EFAULT: nothing is mapped there, or not for
 * this. EIO: the group is blocked, or what it asks for is the business of the host's own drivers.
 */
export function reach(
  legacy: Legacy,
  group: number,
  iova: bigint,
  write: boolean,
): Reached | 'EFAULT' | 'EIO' {
  const state = legacy.machine.groups[group] as LegacyGroup;
  const domain = domainOf(legacy.machine, group);
  if (domain === null) {
    if (state.container !== null) return 'EIO';
    const { stage1 } = iommuOf(legacy.platform, (legacy.platform.groups[group] as LegacyGroupHardware).iommu);
    return doorbellAt(state.ownCookie, iova, write, ownPageSize(legacy, group), stage1 ? 1 : 2) ?? 'EIO';
  }
  const found = firstMapping(domain.mapped, iova, 1n);
  if (found === undefined) {
    const { pageSize } = legacy.whole.kernel;
    return doorbellAt(domain.cookie, iova, write, pageSize, domain.stage) ?? 'EFAULT';
  }
  if (write ? !found.write : !found.read) return 'EFAULT';
  return { what: 'memory', address: found.vaddr + (iova - found.iova), stage: domain.stage };
}

/** Doorbells are mapped for writing alone. */
function doorbellAt(
  cookie: MsiCookie | null,
  iova: bigint,
  write: boolean,
  pageSize: bigint,
  stage: 1 | 2,
): Reached | null {
  const page = cookie === null || !write ? undefined : doorbellIn(cookie, iova, pageSize);
  return page === undefined ? null : { what: 'doorbell', address: page.doorbell + (iova % pageSize), stage };
}

/** What becomes of a message of a device of the group: it is translated as every write is, unless its ITS is before the IOMMU. */
export function outcomeOfMsi(legacy: Legacy, group: number, { address }: MsiMessage): DmaOutcome {
  if (itsOfGroup(legacy.whole, group).untranslated === true) return { kind: 'reaches', address };
  const reached = reach(legacy, group, address, true);
  return typeof reached === 'string' ? { kind: 'aborts' } : { kind: 'reaches', address: reached.address };
}
