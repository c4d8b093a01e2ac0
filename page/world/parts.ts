import { changes, valueText } from '../../checker/render/changes.ts';
import type { ObjectNames } from '../../checker/render/names.ts';
import type { World } from '../../model/world/world.ts';
import { decodedAt, type Path } from '../delta/decode.ts';
import { whereOf } from '../delta/leaves.ts';

/** A part of the world as a table: one row a leaf. */
export interface Part {
  readonly title: string;
  readonly rows: readonly PartRow[];
  readonly changed: boolean;
}

export interface PartRow {
  readonly where: string;
  readonly value: string;
  readonly changed: boolean;
}

/** What the parts are called, and where each is; in the order in which they are shown. */
const PARTS: readonly (readonly [string, Path])[] = [
  ['Stream tables and CDs: what the driver wrote', ['machine', 'driver']],
  ['Registers of the pSMMUs', ['machine', 'registers']],
  ['Event queues of the pSMMUs', ['machine', 'eventQueues']],
  ['Stage-1 tables and CDs in guest memory', ['machine', 'memory']],
  ['Caches: what may be stale', ['machine', 'stale']],
  ['A call that was interrupted', ['machine', 'work']],
  ['Context and PASID entries: what the VT-d driver wrote', ['vtd', 'driver']],
  ['First-stage tables in guest memory', ['vtd', 'memory']],
  ['Caches of the VT-d units: what may be stale', ['vtd', 'stale']],
  ['vSMMUs and their VMs', ['vms']],
  ['PASIDs: what VMs were given', ['pasids', 'units']],
  ['PASID tables', ['pasids', 'streams']],
  ['Tables of guests', ['pasids', 'tables']],
  ['Caches: what may be stale', ['pasids', 'stale']],
  ['VFIO containers', ['legacy', 'containers']],
  ['IOMMU groups of the containers', ['legacy', 'groups']],
  ['The emulated SMMUv3', ['emulated', 'smmu']],
  ['Guest memory of the emulated SMMUv3', ['emulated', 'memory']],
  ['Registers of the emulated VT-d unit', ['emulatedVtd', 'registers']],
  ['Caches of the emulated VT-d unit', ['emulatedVtd', 'vtd']],
  ['Guest memory of the emulated VT-d unit', ['emulatedVtd', 'memory']],
  ['Mappings of a guest, and what the host has of them', ['repeated']],
  ['Page requests', ['pageRequests']],
  ['Pinned pages', ['pins']],
  ['Devices', ['devices']],
  ['IOMMU groups', ['groups']],
  ['Objects of iommufd', ['contexts']],
];

/** Rows of a part that are made; what has more is told shortly. */
const MOST_ROWS = 120;

/** Every part of a world that has something in it, what differs from the world before marked. */
export function partsOf(before: World | null, world: World, names: ObjectNames): readonly Part[] {
  return PARTS.flatMap(([title, at]) => {
    const value = valueAt(world, at);
    const old = before === null ? value : valueAt(before, at);
    if (isEmpty(value) && isEmpty(old)) return [];
    const changed = new Set(changes(old, value).map(({ path }) => [...at, ...path].join('/')));
    const isChanged = (path: Path): boolean =>
      changed.size > 0 && path.some((_, end) => changed.has(path.slice(0, end + 1).join('/')));
    const rows = rowsOf(value, at).map(
      ({ path, text }): PartRow => ({ where: whereOf(path, names), value: text, changed: isChanged(path) }),
    );
    // Where something went that has no row any longer, the part has changed all the same.
    return [{ title, rows, changed: changed.size > 0 }];
  });
}

function valueAt(world: World, path: Path): unknown {
  let value: unknown = world;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value ?? null;
}

interface Row {
  readonly path: Path;
  readonly text: string;
}

/** A row for each leaf that says something; small records and lists of plain values in one. */
function rowsOf(value: unknown, at: Path): readonly Row[] {
  const rows: Row[] = [];
  const walk = (each: unknown, path: Path): void => {
    if (rows.length >= MOST_ROWS || isEmpty(each)) return;
    const decoded = decodedAt(path, each);
    if (decoded !== null) {
      const fields = decoded.fields.map((field) => `${field.name}=${field.value}`).join(' ');
      rows.push({ path, text: `${decoded.name}{${fields}}` });
      return;
    }
    if (typeof each !== 'object' || each === null || ArrayBuffer.isView(each) || isSmall(each)) {
      rows.push({ path, text: valueText(each) });
      return;
    }
    const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(each)
      ? each.map((part, index) => [index, part] as const)
      : Object.entries(each);
    for (const [key, part] of entries) if (key !== 'key') walk(part, [...path, key]);
  };
  walk(value, at);
  return rows;
}

/** A record or list of a few plain values. */
function isSmall(value: object): boolean {
  const parts = Object.values(value);
  return parts.length <= 12 && parts.every((part) => typeof part !== 'object' || part === null);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  if (typeof value !== 'object' || ArrayBuffer.isView(value)) return false;
  return Object.values(value).every(isEmpty);
}
