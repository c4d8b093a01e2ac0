import type { GroupDomain } from '../../model/host/device.ts';
import type { World } from '../../model/world/world.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** The page table that the contexts say they have attached to a group; null: none has. */
function attachedBy(
  { contexts }: World,
  group: number,
): { readonly ctx: number; readonly hwpt: number } | null {
  for (const [ctx, context] of contexts.entries()) {
    const attach = context?.groups.find((each) => each.group === group)?.attach ?? null;
    if (attach !== null) return { ctx, hwpt: attach.hwpt };
  }
  return null;
}

function show(domain: GroupDomain): string {
  switch (domain.kind) {
    case 'default':
      return "on the kernel's own domain";
    case 'blocked':
      return 'blocked';
    case 'hwpt':
      return `on HWPT ${domain.hwpt} of context ${domain.ctx}`;
  }
}

function due(world: World, group: number): GroupDomain {
  const attached = attachedBy(world, group);
  if (attached !== null) return { kind: 'hwpt', ...attached };
  return (world.groups[group]?.owner ?? null) === null ? { kind: 'default' } : { kind: 'blocked' };
}

export const ownedGroupIsBlocked: StateProperty = {
  id: 'owned-group-is-blocked',
  sentence:
    "A group that a process owns is on the page table that is attached to it, or blocked where none is; it is never on the kernel's own domain.",
  source:
    'drivers/iommu/iommu.c: __iommu_group_set_core_domain(), iommu_group_claim_dma_owner(): a group that is owned has the blocking domain',
  kind: 'state',
  appliesTo: hasFreeProcess,
  brokenBy: 'detach-unblocks',
  violated(world) {
    for (const [group, state] of world.groups.entries()) {
      if (state === null) continue;
      const is = state.domain;
      const ought = due(world, group);
      const same =
        is.kind === ought.kind &&
        (is.kind !== 'hwpt' || (ought.kind === 'hwpt' && is.ctx === ought.ctx && is.hwpt === ought.hwpt));
      if (!same) return `group ${group} is ${show(is)}, and should be ${show(ought)}`;
    }
    return null;
  },
  witness: ({ groups }) =>
    groups.some((state) => state !== null && state.owner !== null && state.domain.kind === 'blocked'),
};
