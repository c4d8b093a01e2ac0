import { ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import { holes, type Interval } from '../interval.ts';

/** A mapped range (struct iopt_area): IOVAs and the user pages behind them. */
export interface Area extends Interval {
  /** User address of the first byte. */
  readonly va: bigint;
  readonly readable: boolean;
  readonly writeable: boolean;
  /** Whether the pages were given for writing, by the MAP that brought them in. */
  readonly pagesWriteable: boolean;
  /** Where it leads to doorbells instead: the first one's physical page, and the ITS by which the kernel found it. */
  readonly doorbell?: DoorbellPages;
  /** Where it leads to a device's registers instead: which dma-buf (`Pins.dmabufs`) these were given as. */
  readonly dmabuf?: number;
  /** Where it leads into a file instead, which it holds (`World.files`): `va` is the place in that. */
  readonly file?: number;
  /** Whose memory it is, once files are shared; null: of a process that has ended, whose memory is gone. */
  readonly mm?: string | null;
  /** Which pages these are of those that are pinned together, however many areas have them; left out where nobody counts. */
  readonly pages?: number;
  /** A MAP of another thread is still under way, and there are no pages yet (`area->pages` is NULL); absent: no. */
  readonly filling?: true;
}

/** Doorbells in an area; `its` is null where user space had them mapped. */
export interface DoorbellPages {
  readonly page: bigint;
  readonly its: number | null;
}

/** Who keeps a range reserved: a device (`device:<index>`) or a domain with an aperture (`hwpt:<id>`). */
export type Owner = string;

export interface Reserved extends Interval {
  readonly owner: Owner;
}

/** The IOVA space of an IOAS (struct io_pagetable). All lists ascend by start. */
export interface IoPageTable {
  readonly areas: readonly Area[];
  readonly reserved: readonly Reserved[];
  readonly allowed: readonly Interval[];
  /** Bytes; every area's ends and its offset in the first page are multiples of it. */
  readonly alignment: bigint;
  readonly hugePagesDisabled: boolean;
}

/** What a domain asks of the IOVA space that it joins. */
export interface Geometry {
  readonly apertureStart: bigint;
  readonly apertureLast: bigint;
  /** The smallest page, in bytes. */
  readonly minPage: bigint;
  /** Takes no read-only mapping. */
  readonly writableOnly?: boolean;
  /** Sizes that it maps at once, one bit for each; absent: those of its pages' tables. */
  readonly pageSizes?: bigint;
  /** Aligned blocks of so many bytes have one dirty flag where an area has them whole; absent: each page has its own. */
  readonly dirtyBlock?: bigint;
}

export const EMPTY_IOPT: IoPageTable = Object.freeze({
  areas: Object.freeze([]),
  reserved: Object.freeze([]),
  allowed: Object.freeze([]),
  alignment: 1n,
  hugePagesDisabled: false,
});

/** What IOVA_RANGES reports: the whole space less what is reserved (rule R-15). */
export function iovaRanges(iopt: IoPageTable): readonly Interval[] {
  return holes(iopt.reserved, 0n, ULONG_MAX);
}

// Written out field by field because of what spreading costs (model/world/copy.ts).

export function withReserved(iopt: IoPageTable, reserved: IoPageTable['reserved']): IoPageTable {
  const { areas, allowed, alignment, hugePagesDisabled } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}

export function withAreas(iopt: IoPageTable, areas: IoPageTable['areas']): IoPageTable {
  const { reserved, allowed, alignment, hugePagesDisabled } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}

export function withAlignment(iopt: IoPageTable, alignment: bigint, hugePagesDisabled: boolean): IoPageTable {
  const { areas, reserved, allowed } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}
