import type { Covers as PageCovers, Pieces, Run } from '../../caches/pages.ts';
import { atcEntry, type Entry, tlbEntry } from './entry.ts';

/** What an invalidation of an SMMU takes of an entry once it has completed. */
export type Covers = PageCovers<Entry>;

function asRun(entry: Entry): (Entry & Run) | null {
  return entry.cache === 'tlb' || entry.cache === 'atc' ? entry : null;
}

/** The entries of SMMUs' caches and of ATCs, in pieces. */
export const ENTRY_PIECES: Pieces<Entry> = {
  runOf: asRun,
  part(entry, first, last) {
    if (entry.cache === 'tlb') {
      const by = first - entry.first;
      return tlbEntry({ ...entry, first, last, out: entry.out + by, ipa: entry.ipa + by });
    }
    if (entry.cache === 'atc')
      return atcEntry({ ...entry, first, last, out: entry.out + first - entry.first });
    return entry;
  },
  sameLine(a, b) {
    if (a.cache === 'tlb') {
      return (
        b.cache === 'tlb' &&
        a.smmu === b.smmu &&
        a.vmid === b.vmid &&
        a.holds === b.holds &&
        a.asid === b.asid &&
        a.out - a.first === b.out - b.first &&
        a.ipa - a.first === b.ipa - b.first &&
        a.writable === b.writable &&
        a.read === b.read &&
        a.write === b.write
      );
    }
    if (a.cache === 'atc') {
      return (
        b.cache === 'atc' &&
        a.stream === b.stream &&
        a.ssid === b.ssid &&
        a.out - a.first === b.out - b.first &&
        a.read === b.read &&
        a.write === b.write
      );
    }
    return a.key === b.key;
  },
};
