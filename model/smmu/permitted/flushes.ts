import { type AddressFields, addressesNamed, streamsNamed } from '../../../spec/smmuv3/invalidation.ts';
import { entriesOf, type Flush, type History } from './history.ts';

/** Translations of one input address under one pair of tags, in one pSMMU. */
export interface Tagged {
  readonly smmu: number;
  readonly vmid: number;
  /** `global`: under every ASID (nG = 0). Undefined: of the IPA space, without stage 1. */
  readonly asid: number | 'global' | undefined;
  readonly input: bigint;
}

/** What a flush may spare: a leaf-only invalidation leaves the tables above the leaf in walk caches. */
export type Part = 'leaf' | 'table';

function inRange(fields: AddressFields, ranges: boolean, input: bigint): boolean {
  const range = addressesNamed(fields, { ranges });
  return range !== null && input >= range.first && input <= range.last;
}

/** The scope of each invalidation of translations (IHI0070 4.4). */
function covers({ command, ranges }: Flush, { vmid, asid, input }: Tagged, part: Part): boolean {
  switch (command.name) {
    case 'TLBI_NSNH_ALL':
      return true;
    case 'TLBI_S12_VMALL':
      return command.fields.VMID === vmid;
    case 'TLBI_S2_IPA':
      return asid === undefined && command.fields.VMID === vmid && inRange(command.fields, ranges, input);
    case 'TLBI_NH_ALL':
      return asid !== undefined && command.fields.VMID === vmid;
    case 'TLBI_NH_ASID':
      return asid === command.fields.ASID && command.fields.VMID === vmid;
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA': {
      const { fields } = command;
      if (asid === undefined || fields.VMID !== vmid || !inRange(fields, ranges, input)) return false;
      if ('ASID' in fields && asid !== 'global' && fields.ASID !== asid) return false;
      return part === 'leaf' || fields.Leaf === 0;
    }
    default:
      return false;
  }
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
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return streamsNamed(command)(streamId);
    case 'CFGI_CD':
      return (
        what === 'cd' && command.fields.StreamID === streamId && command.fields.SubstreamID === NO_SUBSTREAM
      );
    case 'CFGI_CD_ALL':
      return what === 'cd' && command.fields.StreamID === streamId;
    default:
      return false;
  }
}
