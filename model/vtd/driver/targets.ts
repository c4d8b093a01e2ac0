import type { NestedTable } from '../../iommufd/drivers/driver.ts';
import type { HwptPaging } from '../../iommufd/objects.ts';
import { pagingOf } from '../../smmu/driver/domains.ts';
import type { World } from '../../world/world.ts';
import { RID_PASID } from './entries.ts';
import type { PagingRef } from './tables.ts';

/** What an entry of a device's PASID table is to be. */
export interface Target {
  readonly pasid: number;
  /** The HWPT that is attached. */
  readonly hwpt: PagingRef;
  /** The domain whose tables translate: the nesting parent of a nested one. */
  readonly ref: PagingRef;
  readonly paging: HwptPaging;
  readonly nested: NestedTable | null;
}

/** What is attached to a device, by PASID; requests without one come first. */
export function targetsOf(world: World, device: number): readonly Target[] {
  const { group } = world.platform.devices[device] as { group: number };
  const domain = world.groups[group]?.domain;
  const rid = domain?.kind === 'hwpt' ? [{ pasid: RID_PASID, ctx: domain.ctx, hwpt: domain.hwpt }] : [];
  return [...rid, ...(world.devices[device]?.pasidTable ?? [])].flatMap(({ pasid, ctx, hwpt }) => {
    const target = targetOf(world, pasid, { ctx, hwpt });
    return target === null ? [] : [target];
  });
}

function targetOf(world: World, pasid: number, hwpt: PagingRef): Target | null {
  const paging = pagingOf(world, hwpt);
  if (paging !== null) return { pasid, hwpt, ref: hwpt, paging, nested: null };
  const slot = world.contexts[hwpt.ctx]?.objects[hwpt.hwpt] ?? null;
  if (slot?.type !== 'hwptNested' || slot.domain.config !== 'firstStage') return null;
  const ref = { ctx: hwpt.ctx, hwpt: slot.parent };
  const parent = pagingOf(world, ref);
  return parent === null ? null : { pasid, hwpt, ref, paging: parent, nested: slot.domain };
}

export function sameRef(a: PagingRef, b: PagingRef): boolean {
  return a.ctx === b.ctx && a.hwpt === b.hwpt;
}
