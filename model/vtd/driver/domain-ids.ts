import { decode } from '../../../spec/bits.ts';
import { legacyContext, pasidEntry } from '../../../spec/vtd/entries.ts';
import type { World } from '../../world/world.ts';
import type { Drive } from './drive.ts';
import { FIRST_DOMAIN_ID, tableAddress } from './layout.ts';
import { featuresAt, unitOf } from './probe.ts';
import type { DomainId, PagingRef, VtdTables } from './tables.ts';
import { sameRef } from './targets.ts';
import { isPresent } from './translation.ts';

/** The domain's id on a unit, which it is given when it has none there yet: the lowest that is free. */
export function takeDomainId(drive: Pick<Drive, 'tables'>, iommu: number, { ctx, hwpt }: PagingRef): number {
  const { domainIds } = drive.tables;
  const own = domainIds.findIndex((id) => id !== null && id.iommu === iommu && sameRef(id, { ctx, hwpt }));
  if (own >= 0) return own + FIRST_DOMAIN_ID;
  const free = domainIds.indexOf(null);
  const index = free < 0 ? domainIds.length : free;
  const next: (DomainId | null)[] = domainIds.slice();
  next[index] = { iommu, ctx, hwpt };
  drive.tables = { ...drive.tables, domainIds: next };
  return index + FIRST_DOMAIN_ID;
}

/** Where the tables of a paging domain lie; they get a place when no entry has led to them before. */
export function placeTables(drive: Drive, ref: PagingRef): bigint {
  const { placed } = drive.tables;
  const own = placed.findIndex((other) => other !== null && sameRef(other, ref));
  if (own >= 0) return tableAddress(own);
  const free = placed.indexOf(null);
  const index = free < 0 ? placed.length : free;
  const next: (PagingRef | null)[] = placed.slice();
  next[index] = { ctx: ref.ctx, hwpt: ref.hwpt };
  drive.tables = { ...drive.tables, placed: next };
  return tableAddress(index);
}

/** Gives back the ids and places that no entry has any longer. */
export function releaseUnused(drive: Drive): void {
  const used = usedBy(drive.tables, drive.world);
  const domainIds = drive.tables.domainIds.map((id, index) =>
    id !== null && used.ids.has(`${id.iommu}.${index + FIRST_DOMAIN_ID}`) ? id : null,
  );
  const placed = drive.tables.placed.map((ref, index) => (used.tables.has(tableAddress(index)) ? ref : null));
  drive.tables = { ...drive.tables, domainIds: trimmed(domainIds), placed: trimmed(placed) };
}

function trimmed<T>(list: readonly (T | null)[]): readonly (T | null)[] {
  let length = list.length;
  while (length > 0 && list[length - 1] === null) length--;
  return list.slice(0, length);
}

interface Used {
  /** `<iommu>.<id>` */
  readonly ids: ReadonlySet<string>;
  readonly tables: ReadonlySet<bigint>;
}

function usedBy({ devices }: VtdTables, { platform }: World): Used {
  const ids = new Set<string>();
  const tables = new Set<bigint>();
  devices.forEach(({ context, entries }, device) => {
    const iommu = unitOf(platform, device);
    for (const words of Object.values(entries)) {
      const { DID, SSPTPTR, FSPTPTR } = decode(pasidEntry, words);
      ids.add(`${iommu}.${DID}`);
      tables.add(SSPTPTR).add(FSPTPTR);
    }
    if (featuresAt(platform, device).scalable || !isPresent(context)) return;
    const { DID, SSPTPTR } = decode(legacyContext, context);
    ids.add(`${iommu}.${DID}`);
    tables.add(SSPTPTR);
  });
  return { ids, tables };
}
