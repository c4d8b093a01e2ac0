import type { EntryForm } from '../../spec/pasid/hardware.ts';
import { type PasidPlatform, unitsOf } from '../platform/pasid.ts';

declare module '../world/world.ts' {
  interface World {
    /** Null where the platform has no devices with PASIDs. */
    readonly pasids: PasidMachine | null;
  }
}

/** How the guest's address spaces reach the device: not at all, merged into tables of the host, or walked by hardware. */
export const MECHANISMS = ['direct', 'shadow', 'nest'] as const;

export type Mechanism = (typeof MECHANISMS)[number];

/** What the guest has in front of the device: nothing, a vIOMMU, or a vIOMMU with PASIDs. */
export const VIOMMUS = ['none', 'translation', 'pasids'] as const;

export type Viommu = (typeof VIOMMUS)[number];

/** What an operator asks for when a unit is given to a machine. */
export interface Assignment {
  readonly slice: boolean;
  readonly viommu: Viommu;
  readonly mechanism: Mechanism;
  readonly paravirtual: boolean;
}

/** Functions and slices with PASIDs, the tables through which they reach memory, and what caches may still hold. */
export interface PasidMachine {
  /** Parallel to `unitsOf(platform)`; null: no machine has it. */
  readonly units: readonly (Assigned | null)[];
  /** Parallel to `platform.parents`. */
  readonly streams: readonly Stream[];
  /** Stage-1 tables in the memory of each machine, by number: page of RAM by page of IOVA. */
  readonly tables: readonly (readonly GuestTable[])[];
  /** What caches may hold although it is no longer so, ascending by key. */
  readonly stale: readonly Cached[];
}

export type GuestTable = readonly (number | null)[];

/** A unit that a machine has. */
export interface Assigned {
  readonly vm: number;
  readonly viommu: Viommu;
  readonly mechanism: Mechanism;
  readonly paravirtual: boolean;
  /** The PASID that the device puts on a slice's own requests; null: they have none. */
  readonly pasid: number | null;
  /** PASIDs that were given to it beyond that. */
  readonly given: readonly Given[];
  /** What the guest's memory says of it. Its driver clears that when the device goes. */
  readonly guest: GuestContext;
  /** The context entry as the VMM read it last. */
  readonly read: ContextEntry;
  /** The tables that the VMM keeps for it, by the guest's PASID (0: requests without): host pages by page of IOVA. */
  readonly shadows: readonly (ShadowTable | null)[];
}

export type ShadowTable = readonly (number | null)[];

export interface Given {
  /** The number that the guest knows. */
  readonly guest: number;
  /** The number that the device uses. */
  readonly host: number;
}

/** What a guest can have of its requests without PASID: its PASID table has an entry for them, or none has a say. */
export const UNNUMBERED = ['entry', 'bypass', 'abort'] as const;

export type Unnumbered = (typeof UNNUMBERED)[number];

/** The widest that a PASID is: `pasidBits` of more is no context entry. */
export const MAX_PASID_BITS = 20;

/** What a context entry (STE) says beside where the PASID table is. */
export interface ContextEntry {
  readonly translates: boolean;
  /** What becomes of requests without PASID, where the table has more than one entry (STE.S1DSS). */
  readonly unnumbered: Unnumbered;
  /** The table has 2^pasidBits entries (STE.S1CDMax). */
  readonly pasidBits: number;
}

/** A guest's context entry and its PASID table (CDs), by its own numbers; 0 is for requests without PASID. */
export interface GuestContext extends ContextEntry {
  readonly entries: readonly (GuestEntry | null)[];
}

export interface GuestEntry {
  readonly present: boolean;
  /** A stage-1 table; null: pass-through. */
  readonly table: number | null;
}

/** What hardware reads for a requester ID. */
export interface Stream {
  /** The root of stage 2, where there is one for the whole stream. */
  readonly second: Root | null;
  /** Whether stage 1 is nested, where that is said for the whole stream. */
  readonly nested: boolean;
  /** The unit in whose guest's memory the PASID table is; null: the host has it. */
  readonly guestTable: number | null;
  /** For requests without PASID; null: they abort. */
  readonly own: Entry | null;
  /** The host's PASID table. */
  readonly entries: readonly (Entry | null)[];
}

export interface Entry {
  readonly form: EntryForm;
  readonly first: Root | null;
  /** The root of stage 2, where entries have their own. */
  readonly second: Root | null;
  /** The tag of what is cached through it. */
  readonly domain: number;
}

/** What a table pointer leads to. */
export type Root =
  /** All of a machine's memory, as the host mapped it. */
  | { readonly of: 'memory'; readonly vm: number }
  /** A table that the VMM keeps. */
  | { readonly of: 'shadow'; readonly unit: number; readonly pasid: number }
  /** A stage-1 table, found by an address that the guest gave. */
  | { readonly of: 'guest'; readonly table: number };

/** What hardware makes of the requests with one PASID, put together from all entries that have a say. */
export interface Config {
  readonly first: Root | null;
  readonly second: Root | null;
  readonly domain: number;
}

/** Something cached. Requests without PASID have `pasid` 0. */
export type Cached =
  /** A PASID table entry, context entry, STE or CD. */
  | {
      readonly cache: 'entry';
      readonly key: string;
      readonly stream: number;
      readonly pasid: number;
      readonly config: Config;
    }
  /** What a whole walk that began at stage 1 (or with no stage) led to. */
  | {
      readonly cache: 'first';
      readonly key: string;
      readonly stream: number;
      readonly pasid: number;
      readonly domain: number;
      readonly iova: number;
      readonly page: number;
    }
  /** What stage 2 made of an address: for every PASID with this domain. */
  | {
      readonly cache: 'second';
      readonly key: string;
      readonly domain: number;
      readonly input: number;
      readonly page: number;
    };

/** A context entry that nothing was stored into. */
export const NO_CONTEXT: ContextEntry = Object.freeze({
  translates: false,
  unnumbered: 'entry',
  pasidBits: MAX_PASID_BITS,
});

/** Whether two context entries say the same. */
export function sameContext(a: ContextEntry, b: ContextEntry): boolean {
  return a.translates === b.translates && a.unnumbered === b.unnumbered && a.pasidBits === b.pasidBits;
}

/** A requester ID all of whose requests abort. */
export const EMPTY_STREAM: Stream = Object.freeze({
  second: null,
  nested: false,
  guestTable: null,
  own: null,
  entries: Object.freeze([]),
});

/** Nobody has anything, and every request aborts. */
export function bootPasids(platform: PasidPlatform, vms: number): PasidMachine {
  const table: GuestTable = Array.from({ length: platform.iovaPages }, () => null);
  return {
    units: unitsOf(platform).map(() => null),
    streams: platform.parents.map(() => EMPTY_STREAM),
    tables: Array.from({ length: vms }, () => Array.from({ length: platform.guestTables }, () => table)),
    stale: [],
  };
}

/** The host page behind a page of a machine's RAM. The first pages are the host's own. */
export function hostPage({ ramPages }: PasidPlatform, vm: number, page: number): number {
  return (vm + 1) * ramPages + page;
}

/** Whose memory a host page is: a machine's, or the host's (null). */
export function ownerOfPage({ ramPages }: PasidPlatform, page: number): number | null {
  const vm = Math.floor(page / ramPages) - 1;
  return vm < 0 ? null : vm;
}
