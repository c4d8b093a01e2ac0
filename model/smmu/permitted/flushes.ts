import type { Command } from '../../../spec/smmuv3/command.ts';
import { addressesNamed, configurationNamed, tagsNamed } from '../../../spec/smmuv3/invalidation.ts';
import { entriesOf, type Flush, type History } from './history.ts';

/** Translations of one input address under one pair of tags, in one pSMMU. */
export interface Tagged {
  readonly smmu: number;
  readonly vmid: number;
  /** `global`: under every ASID (nG = 0). Undefined: of the IPA space, without stage 1. */
  readonly asid: number | 'global' | undefined;
  readonly input: bigint;
  /** log2 of the granule of its tables: a range of another granule names it not (IHI0070 4.4.1.1). Undefined: any. */
  readonly granule?: number | undefined;
}

/** What a flush may spare: a leaf-only invalidation leaves the tables above the leaf in walk caches. */
export type Part = 'leaf' | 'table';

/** The scope of each invalidation of translations (IHI0070 4.4). */
function covers({ command, ranges }: Flush, { vmid, asid, input, granule }: Tagged, part: Part): boolean {
  const tags = tagsNamed(command);
  if (tags === null || !tags(vmid, asid === 'global' ? null : (asid ?? null), asid === undefined))
    return false;
  if (!('Address' in command.fields)) return true;
  const { name, fields } = command as Command<'TLBI_NH_VA' | 'TLBI_NH_VAA' | 'TLBI_S2_IPA'>;
  const range = addressesNamed(fields, granule === undefined ? { ranges } : { ranges, granule });
  if (range === null || input < range.first || input > range.last) return false;
  return part === 'leaf' || name === 'TLBI_S2_IPA' || fields.Leaf === 0;
}

/** When translations were last flushed; 0: never. */
export function lastFlush(history: History, tagged: Tagged, part: Part): number {
  for (const flush of entriesOf(history.flushes)) {
    if (flush.smmu === tagged.smmu && covers(flush, tagged, part)) return flush.at;
  }
  return 0;
}

/** How long what was valid until a time could be used: until the next flush. */
export function usableUntil(history: History, tagged: Tagged, until: number): number {
  let end = Number.POSITIVE_INFINITY;
  for (const flush of entriesOf(history.flushes)) {
    if (flush.at <= until) break;
    if (flush.smmu === tagged.smmu && covers(flush, tagged, 'leaf')) end = flush.at;
  }
  return end;
}

/** When an STE, or the CD that it leads to, was last flushed, as of a time; 0: never. */
export function lastConfigurationFlush(
  history: History,
  smmu: number,
  streamId: number,
  what: 'ste' | 'cd',
  asOf: number,
): number {
  for (const flush of entriesOf(history.flushes)) {
    if (flush.at <= asOf && flush.smmu === smmu && coversConfiguration(flush, streamId, what))
      return flush.at;
  }
  return 0;
}

/** The CD of requests without a SubstreamID: no others are followed here. */
const NO_SUBSTREAM = 0;

/** The scope of each invalidation of configuration (IHI0070 4.3). */
function coversConfiguration({ command }: Flush, streamId: number, what: 'ste' | 'cd'): boolean {
  const named = configurationNamed(command);
  if (named === null || !named.stream(streamId)) return false;
  return what === 'ste' ? named.ste : named.substream === null || named.substream === NO_SUBSTREAM;
}
