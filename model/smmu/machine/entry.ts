import type { Run } from '../../caches/pages.ts';
import type { Words } from '../../world/command.ts';
import type { Cd } from './guest-memory.ts';

/**
 * One thing that a cache of the SMMU or of a device may hold. `key` tells entries apart and orders them; it follows
 * from the rest.
 */
export type Entry = SteEntry | CdEntry | TlbEntry | AtcEntry;

/** A stream table entry, as it was fetched. `stream` is the stream's index (`streams.ts`). */
export interface SteEntry {
  readonly cache: 'ste';
  readonly key: string;
  readonly stream: number;
  readonly words: Words;
}

/** A guest's CD by stream and SubstreamID. Invalid ones (null) can be cached too. */
export interface CdEntry {
  readonly cache: 'cd';
  readonly key: string;
  readonly stream: number;
  readonly index: number;
  readonly cd: Cd | null;
}

/**
 * A TLB entry (IHI0070 3.17). `stage1` leads from VAs to IPAs, `stage2` from IPAs to memory, `nested` from VAs to memory
 * and embeds what stage 2 said; the host's own stage 1 (VMID 0) makes `nested` ones too, whose IPAs are their output.
 */
export interface TlbEntry extends Run {
  readonly cache: 'tlb';
  readonly key: string;
  readonly smmu: number;
  readonly holds: 'stage1' | 'stage2' | 'nested';
  readonly vmid: number;
  /** Null: global, or of stage 2. */
  readonly asid: number | null;
  /** The IPA page of `first`. */
  readonly ipa: number;
  /** Whether stage 1 lets writes through. */
  readonly writable: boolean;
  /** What stage 2 lets through. */
  readonly read: boolean;
  readonly write: boolean;
}

/** What a device's ATC may hold: an answer to an ATS request. `ssid` is null where the request had none. */
export interface AtcEntry extends Run {
  readonly cache: 'atc';
  readonly key: string;
  readonly stream: number;
  readonly ssid: number | null;
  readonly read: boolean;
  readonly write: boolean;
}

export function steEntry(stream: number, words: Words): SteEntry {
  return { cache: 'ste', key: `e${stream}.${words.join()}`, stream, words };
}

export function cdEntry(stream: number, index: number, cd: Cd | null): CdEntry {
  const value = cd === null ? '' : `${cd.asid}.${cd.table}.${cd.recorded}`;
  return { cache: 'cd', key: `c${stream}.${index}.${value}`, stream, index, cd };
}

export function tlbEntry(entry: Omit<TlbEntry, 'cache' | 'key'>): TlbEntry {
  const { smmu, holds, vmid, asid, first, last, out, ipa, writable, read, write } = entry;
  const allowed = (writable ? 4 : 0) + (read ? 2 : 0) + (write ? 1 : 0);
  const key = `t${smmu}.${vmid}.${holds}.${asid ?? ''}.${first}.${last}.${out}.${ipa}.${allowed}`;
  // Written out: this is the hot path of every derivation, and spreading costs.
  return { cache: 'tlb', key, smmu, holds, vmid, asid, first, last, out, ipa, writable, read, write };
}

export function atcEntry(entry: Omit<AtcEntry, 'cache' | 'key'>): AtcEntry {
  const { stream, ssid, first, last, out, read, write } = entry;
  const key = `a${stream}.${ssid ?? ''}.${first}.${last}.${out}.${read}.${write}`;
  return { cache: 'atc', key, stream, ssid, first, last, out, read, write };
}
