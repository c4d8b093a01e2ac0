import type { NestedStream } from '../../iommufd/drivers/driver.ts';
import type { Area } from '../../iommufd/iopt/table.ts';
import type { HwptPaging, IommufdObject } from '../../iommufd/objects.ts';
import { placeOfMap } from '../../iommufd/sw-msi/place.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import type { World } from '../../world/world.ts';
import type { DomainRef } from './state.ts';
import { type Mappings, stage1Geometry, stage2Geometry } from './tables.ts';

export function sameDomain(a: DomainRef, b: DomainRef): boolean {
  return a.ctx === b.ctx && a.hwpt === b.hwpt;
}

/**
 * What the streams of an IOMMU group are on, as the driver sees it. The kernel's own domain of a group that nobody owns
 * counts as abort: no device of these platforms has a kernel driver.
 */
export type GroupAttachment =
  | { readonly kind: 'abort' }
  | {
      readonly kind: 'paging' | 'nested';
      /** The domain whose tables translate: the nesting parent of a nested one. */
      readonly ref: DomainRef;
      readonly paging: HwptPaging;
      /** What the guest asks for; null on the paging domain itself. */
      readonly nested: NestedStream | null;
      /** The tag of its translations; null for a stage-1 domain, which has an ASID. */
      readonly vmid: number | null;
    };

const ABORT: GroupAttachment = Object.freeze({ kind: 'abort' });

function objectOf(world: World, ctx: number, id: number): IommufdObject | null {
  const slot = world.contexts[ctx]?.objects[id] ?? null;
  return slot === null || slot.type === 'tombstone' ? null : slot;
}

/** The paging HWPT that a reference names; null once it is gone. */
export function pagingOf(world: World, { ctx, hwpt }: DomainRef): HwptPaging | null {
  const object = objectOf(world, ctx, hwpt);
  return object?.type === 'hwptPaging' ? object : null;
}

export function attachmentOf(world: World, group: number): GroupAttachment {
  const domain = world.groups[group]?.domain;
  if (domain?.kind !== 'hwpt') return ABORT;
  const { ctx } = domain;
  const object = objectOf(world, ctx, domain.hwpt);
  if (object?.type === 'hwptPaging') {
    const ref = { ctx, hwpt: domain.hwpt };
    return { kind: 'paging', ref, paging: object, nested: null, vmid: object.domain.vmid };
  }
  if (object?.type !== 'hwptNested') return ABORT;
  const ref = { ctx, hwpt: object.parent };
  const paging = pagingOf(world, ref);
  const viommu = object.viommu === null ? null : objectOf(world, ctx, object.viommu);
  if (paging === null || viommu?.type !== 'viommu' || !('ste' in object.domain)) return ABORT;
  return { kind: 'nested', ref, paging, nested: object.domain, vmid: viommu.vmid };
}

/** The mapped ranges of a domain's IOAS. */
export function areasOf(world: World, ref: DomainRef): readonly Area[] {
  const paging = pagingOf(world, ref);
  const ioas = paging === null ? null : objectOf(world, ref.ctx, paging.ioas);
  if (ioas?.type !== 'ioas') return [];
  const its = paging?.doorbellsOf ?? null;
  return its === null ? ioas.iopt.areas : withDoorbellsOf(ioas.iopt.areas, its);
}

const filtered = new WeakMap<readonly Area[], Map<number, readonly Area[]>>();

/** The areas without the doorbells of other ITSes: the same list for the same ITS, since lists are told apart by identity. */
function withDoorbellsOf(areas: readonly Area[], its: number): readonly Area[] {
  const known = filtered.get(areas) ?? new Map<number, readonly Area[]>();
  filtered.set(areas, known);
  const old = known.get(its);
  if (old !== undefined) return old;
  const own = areas.filter(({ doorbell }) => doorbell === undefined || doorbell.its === its);
  known.set(its, own);
  return own;
}

const known = new WeakMap<readonly Area[], Mappings[]>();

/** What a domain maps: its IOAS's areas and the doorbells that its groups need. The same value for the same content. */
export function mappingsOf(world: World, ref: DomainRef): Mappings | null {
  const paging = pagingOf(world, ref);
  if (paging === null) return null;
  const areas = areasOf(world, ref);
  const { stage, iommu } = paging.domain;
  const hardware = world.platform.iommus[iommu] as IommuHardware;
  const pageSize = world.platform.kernel.pageSize;
  const maps = world.contexts[ref.ctx]?.msiMaps ?? [];
  const msiPages = paging.msiPages.flatMap((id) => {
    const map = maps[id];
    return map === undefined ? [] : [{ iova: placeOfMap(map, pageSize), doorbell: map.doorbell }];
  });
  const candidates = known.get(areas) ?? [];
  known.set(areas, candidates);
  const geometry = stage === 1 ? stage1Geometry(hardware) : stage2Geometry(hardware);
  const same = candidates.find(
    (candidate) =>
      candidate.stage === stage &&
      candidate.geometry.inputBits === geometry.inputBits &&
      candidate.msiPages.length === msiPages.length &&
      candidate.msiPages.every(
        ({ iova, doorbell }, i) => iova === msiPages[i]?.iova && doorbell === msiPages[i]?.doorbell,
      ),
  );
  if (same !== undefined) return same;
  const mappings: Mappings = { stage, geometry, areas, msiPages };
  candidates.push(mappings);
  return mappings;
}
