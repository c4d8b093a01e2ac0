import type { Area } from '../../iommufd/iopt/table.ts';
import type { IommuHardware, Platform } from '../../platform/platform.ts';
import { featuresOf } from '../../platform/smmu-features.ts';
import { placeOf } from '../../world/memory/places.ts';
import { physicalOf } from '../../world/memory/user-pages.ts';

/*
 * The VMSAv8-64 tables of the driver's domains (io-pgtable-arm), 4 KiB granule. Every mapping is made of pages: user memory
 * is not contiguous. The words are computed from the mappings when they are read; nothing is stored.
 */

/** Attributes of the driver's own tables and entries: write-back, inner shareable. */
export const NORMAL_INNER_SHAREABLE = { inner: 1, outer: 1, shareability: 3 } as const;

const PAGE_SHIFT = 12;
const STRIDE = 9;
const ENTRIES = 2 ** STRIDE;
const LAST_LEVEL = 3;
/** Stage 2 may put up to this many tables side by side in place of a level above them. */
const CONCATENATED = 16;

/** The shape of a domain's tables. */
export interface Geometry {
  readonly inputBits: number;
  readonly startLevel: number;
  /** Tables of the start level, one after the other. */
  readonly roots: number;
}

function geometry(inputBits: number, concatenates: boolean): Geometry {
  const levels = Math.ceil((inputBits - PAGE_SHIFT) / STRIDE);
  const topBits = inputBits - PAGE_SHIFT - STRIDE * (levels - 1);
  const startLevel = LAST_LEVEL + 1 - levels;
  return concatenates && levels === LAST_LEVEL + 1 && 2 ** topBits <= CONCATENATED
    ? { inputBits, startLevel: startLevel + 1, roots: 2 ** topBits }
    : { inputBits, startLevel, roots: 1 };
}

export function stage1Geometry(hardware: IommuHardware): Geometry {
  return geometry(bitsOf(featuresOf(hardware).stage1Last), false);
}

export function stage2Geometry(hardware: IommuHardware): Geometry {
  return geometry(bitsOf(featuresOf(hardware).stage2Last), true);
}

function bitsOf(last: bigint): number {
  return last.toString(2).length;
}

/** A page of the MSI window and the doorbell's page behind it. */
export interface MsiPage {
  readonly iova: bigint;
  readonly doorbell: bigint;
}

/** What a domain maps. */
export interface Mappings {
  readonly stage: 1 | 2;
  readonly geometry: Geometry;
  readonly areas: readonly Area[];
  readonly msiPages: readonly MsiPage[];
}

/** One table: its level, and the input address bits that lead to it. */
interface Table {
  readonly level: number;
  readonly prefix: number;
}

interface Directory {
  readonly tables: readonly Table[];
  /** By level, then by prefix: the index in `tables`. */
  readonly indices: readonly ReadonlyMap<number, number>[];
}

const directories = new WeakMap<Mappings, Directory>();

/** The tables that the mappings need, the roots first. */
function directoryOf(mappings: Mappings): Directory {
  const known = directories.get(mappings);
  if (known !== undefined) return known;
  const { startLevel, roots } = mappings.geometry;
  const tables: Table[] = [];
  const indices = Array.from({ length: LAST_LEVEL + 1 }, () => new Map<number, number>());
  const add = (level: number, prefix: number): void => {
    if (indices[level]?.has(prefix) === true) return;
    indices[level]?.set(prefix, tables.length);
    tables.push({ level, prefix });
  };
  for (let root = 0; root < roots; root++) add(startLevel, root);
  const ranges = [
    ...mappings.areas.map(({ start, last }) => [pageNumber(start), pageNumber(last)] as const),
    ...mappings.msiPages.map(({ iova }) => [pageNumber(iova), pageNumber(iova)] as const),
  ];
  for (let level = startLevel + 1; level <= LAST_LEVEL; level++) {
    const pages = ENTRIES ** (LAST_LEVEL + 1 - level);
    for (const [first, last] of ranges) {
      for (let prefix = Math.floor(first / pages); prefix <= Math.floor(last / pages); prefix++)
        add(level, prefix);
    }
  }
  const directory = { tables, indices };
  directories.set(mappings, directory);
  return directory;
}

function pageNumber(address: bigint): number {
  return Number(address >> BigInt(PAGE_SHIFT));
}

const VALID_TABLE_OR_PAGE = 0b11n;

/** The descriptor at a byte offset from the first root table, which lies at `base`; 0 where there is none. */
export function readDescriptor(mappings: Mappings, base: bigint, offset: number, platform: Platform): bigint {
  const { tables, indices } = directoryOf(mappings);
  const table = tables[Math.floor(offset / (ENTRIES * 8))];
  if (table === undefined) return 0n;
  const index = table.prefix * ENTRIES + (Math.floor(offset / 8) % ENTRIES);
  if (table.level === LAST_LEVEL) return pageDescriptor(mappings, index, platform);
  const next = indices[table.level + 1]?.get(index);
  return next === undefined ? 0n : (base + BigInt(next * ENTRIES * 8)) | VALID_TABLE_OR_PAGE;
}

/** The physical address behind an input address of an area; null where its memory is not there. */
export function addressIn(area: Area, input: bigint, platform: Platform): bigint | null {
  const offset = input - area.start;
  if (area.doorbell !== undefined) return area.doorbell.page + offset;
  return placeOf(area, offset) ?? physicalOf(platform, area.va + offset);
}

function pageDescriptor(mappings: Mappings, page: number, platform: Platform): bigint {
  const iova = BigInt(page) << BigInt(PAGE_SHIFT);
  for (const area of mappings.areas) {
    if (iova < area.start || iova > area.last) continue;
    const address = addressIn(area, iova, platform);
    const isDevice = area.doorbell !== undefined || area.dmabuf !== undefined;
    return address === null
      ? 0n
      : address | attributes(mappings.stage, area.readable, area.writeable, isDevice);
  }
  const msi = mappings.msiPages.find((candidate) => candidate.iova === iova);
  return msi === undefined ? 0n : msi.doorbell | attributes(mappings.stage, true, true, true);
}

const ACCESS_FLAG = 1n << 10n;
const INNER_SHAREABLE = 3n << 8n;
const STAGE1 = {
  notGlobal: 1n << 11n,
  unprivileged: 1n << 6n,
  readOnly: 1n << 7n,
  cached: 1n << 2n,
  device: 2n << 2n,
};
const STAGE2 = { read: 1n << 6n, write: 1n << 7n, cached: 0xfn << 2n, device: 1n << 2n };

/** The attributes of a page. Stage 1 cannot forbid reads. */
function attributes(stage: 1 | 2, readable: boolean, writeable: boolean, device: boolean): bigint {
  const common = VALID_TABLE_OR_PAGE | ACCESS_FLAG | INNER_SHAREABLE;
  if (stage === 1) {
    const type = device ? STAGE1.device : STAGE1.cached;
    return common | STAGE1.notGlobal | STAGE1.unprivileged | type | (writeable ? 0n : STAGE1.readOnly);
  }
  const type = device ? STAGE2.device : STAGE2.cached;
  return common | type | (readable ? STAGE2.read : 0n) | (writeable ? STAGE2.write : 0n);
}
