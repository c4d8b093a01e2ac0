import type { Errno } from '../../spec/errno.ts';
import type { Rules } from '../rules.ts';
import {
  type Container,
  type ContainerType,
  type DmaMapping,
  iommuOf,
  isValidIova,
  type LegacyDomain,
} from './machine.ts';
import type { LegacyPlatform } from './platform.ts';

/** vfio_iommu_type1_attach_group(): the group joins the domain of its IOMMU, or gets a new one with all that is mapped. */
export function attachGroup(
  platform: LegacyPlatform,
  container: Container,
  type: ContainerType,
  group: number,
  rules: Rules,
): Container | Errno {
  const { iommu } = platform.groups[group] as { iommu: number };
  const hardware = iommuOf(platform, iommu);
  // A new domain is made and given the attribute first, also where it is then found that there is one to join.
  if (type === 'nesting' && !hardware.nestingAttribute) return 'EINVAL';
  if (container.mappings.some((each) => !isValidIova(hardware, each))) return 'EINVAL';
  const shared = container.domains.find((each) => each.iommu === iommu);
  if (shared !== undefined) {
    const domain = { ...shared, groups: ascending([...shared.groups, group]) };
    return { ...container, domains: container.domains.map((each) => (each === shared ? domain : each)) };
  }
  if (container.mappings.some((each) => !isAligned(each, hardware.pageSize))) return 'EINVAL';
  const domain: LegacyDomain = {
    iommu,
    groups: [group],
    stage: rules.containerStage(type, hardware),
    mapped: rules.lateDomainIsFilled() ? container.mappings : [],
  };
  return { ...container, domains: [...container.domains, domain] };
}

/** vfio_iommu_type1_detach_group(): with the last domain go the mappings. */
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
