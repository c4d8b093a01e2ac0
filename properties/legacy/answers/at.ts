import type { Container, LegacyGroup, LegacyMachine } from '../../../model/legacy/machine.ts';
import type { LegacyPlatform } from '../../../model/platform/legacy.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { World } from '../../../model/world/world.ts';
import type { Errno } from '../../../spec/errno.ts';

/** Where calls of old containers are made: the world before them. */
export interface At {
  readonly whole: Platform;
  readonly platform: LegacyPlatform;
  readonly machine: LegacyMachine;
}

export function atOf({ platform: whole, legacy: machine }: World): At | null {
  const { legacy: platform } = whole;
  return platform === undefined || machine === null ? null : { whole, platform, machine };
}

/** The container of an open descriptor. */
export function openContainer({ machine }: At, index: number): Container | null {
  const container = machine.containers[index] ?? null;
  return container?.opened === true ? container : null;
}

/** The group of an open descriptor. */
export function openGroup({ machine }: At, index: number): LegacyGroup | null {
  const group = machine.groups[index];
  return group?.opened === true ? group : null;
}

interface Range {
  readonly start: bigint;
  readonly last: bigint;
}

/** What of a group's addresses is kept for MSIs: doorbells in front of the IOMMU, else the kernel's window. */
function keptOf({ whole, platform }: At, group: number): Range | null {
  const { its = -1, iommu = -1 } = platform.groups[group] ?? {};
  const hardware = whole.its[its];
  if (hardware?.untranslated !== true) return platform.iommus[iommu]?.msiWindow ?? null;
  const bytes = BigInt(hardware.doorbellPages ?? 1) * whole.kernel.pageSize;
  return { start: hardware.doorbell, last: hardware.doorbell + bytes - 1n };
}

/** Whether a group's devices can have a mapping of a range. */
export function canHave(at: At, group: number, { start, last }: Range): boolean {
  const iommu = at.platform.iommus[at.platform.groups[group]?.iommu ?? -1];
  const kept = keptOf(at, group);
  if (iommu === undefined || last > iommu.lastIova) return false;
  return kept === null || last < kept.start || start > kept.last;
}

/** Bytes of the smallest page that the kernel and each IOMMU of a container have. */
export function pageOf({ whole, platform }: At, { domains }: Container): bigint {
  return domains.reduce((most, { iommu }) => {
    const { pageSize } = platform.iommus[iommu] ?? whole.kernel;
    return pageSize > most ? pageSize : most;
  }, whole.kernel.pageSize);
}

/** Why a group cannot be behind a container's IOMMU (vfio_iommu_type1_attach_group()); null: it can. */
export function cannotAttach(at: At, { mappings, domains, type }: Container, group: number): Errno | null {
  const { iommu = -1, its = -1 } = at.platform.groups[group] ?? {};
  const hardware = at.platform.iommus[iommu];
  if (mappings.some(({ lost }) => lost === true)) return 'EBUSY';
  if (type === 'nesting' && hardware?.nestingAttribute !== true) return 'EINVAL';
  if (!mappings.every(({ iova, size }) => canHave(at, group, { start: iova, last: iova + size - 1n })))
    return 'EINVAL';
  const isUnsafe = at.whole.its[its]?.unisolated === true && at.whole.kernel.allowUnsafeInterrupts !== true;
  if (isUnsafe) return 'EPERM';
  if (domains.some((each) => each.iommu === iommu)) return null;
  const page = hardware?.pageSize ?? 1n;
  return mappings.every(
    ({ iova, size, vaddr }) => iova % page === 0n && size % page === 0n && vaddr % page === 0n,
  )
    ? null
    : 'EINVAL';
}
