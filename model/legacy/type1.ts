import type { Errno } from '../../spec/errno.ts';
import { isUnsafe } from '../platform/doorbell.ts';
import type { LegacyGroupHardware } from '../platform/legacy.ts';
import type { Rules } from '../world/rules.ts';
import type { Legacy } from './access.ts';
import type { MsiCookie } from './cookie.ts';
import {
  type Container,
  type ContainerType,
  type DmaMapping,
  iommuOf,
  type LegacyDomain,
} from './machine.ts';
import { itsOfGroup, regionsOf, suits } from './regions.ts';

/** vfio_iommu_type1_attach_group(): the group joins the domain of its IOMMU, or gets a new one with all that is mapped. */
export function attachGroup(
  { platform, whole }: Legacy,
  container: Container,
  type: ContainerType,
  group: number,
  rules: Rules,
): Container | Errno {
  const { iommu } = platform.groups[group] as LegacyGroupHardware;
  const hardware = iommuOf(platform, iommu);
  // To join could take pinning.
  if (container.mappings.some(({ lost }) => lost === true)) return 'EBUSY';
  // A new domain is made and given the attribute first, also where it is then found that there is one to join.
  if (type === 'nesting' && !hardware.nestingAttribute) return 'EINVAL';
  if (container.mappings.some(({ iova, size }) => !suits(whole, group, iova, size, rules))) return 'EINVAL';
  if (isUnsafe(itsOfGroup(whole, group), whole) && rules.msi.unisolatedMsiIsRefused) return 'EPERM';
  const window = regionsOf(whole, group).find(({ swMsi }) => swMsi);
  const cookie: MsiCookie | null =
    window === undefined ? null : { kind: 'msi', start: window.start, pages: [] };
  const shared = container.domains.find((each) => each.iommu === iommu);
  if (shared !== undefined) {
    const domain: LegacyDomain = {
      ...shared,
      groups: ascending([...shared.groups, group]),
      cookie: shared.cookie ?? (rules.legacy.everyGroupBringsCookie ? cookie : null),
    };
    return { ...container, domains: container.domains.map((each) => (each === shared ? domain : each)) };
  }
  if (container.mappings.some((each) => !isAligned(each, hardware.pageSize))) return 'EINVAL';
  const domain: LegacyDomain = {
    iommu,
    groups: [group],
    stage: rules.legacy.stage(type, hardware),
    mapped: rules.legacy.lateDomainIsFilled ? container.mappings : [],
    cookie,
  };
  return { ...container, domains: [...container.domains, domain] };
}

/** vfio_iommu_type1_detach_group(): with its last group a domain goes, and its doorbells; with the last domain the mappings. */
export function detachGroup(container: Container, group: number): Container {
  const domains = container.domains.flatMap((each) => {
    if (!each.groups.includes(group)) return [each];
    const groups = each.groups.filter((other) => other !== group);
    return groups.length === 0 ? [] : [{ ...each, groups }];
  });
  return { ...container, domains, mappings: domains.length === 0 ? [] : container.mappings };
}

function isAligned({ iova, size, vaddr }: DmaMapping, pageSize: bigint): boolean {
  return ((iova | size | vaddr) & (pageSize - 1n)) === 0n;
}

export function ascending(list: readonly number[]): readonly number[] {
  return [...list].sort((a, b) => a - b);
}
