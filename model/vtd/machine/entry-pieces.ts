import type { Covers, Pieces, Run } from '../../caches/pages.ts';
import { deviceTlbEntry, iotlbEntry, type VtdEntry } from './entry.ts';

/** What an invalidation of a unit takes of an entry once it has completed. */
export type VtdCovers = Covers<VtdEntry>;

function asRun(entry: VtdEntry): (VtdEntry & Run) | null {
  return entry.cache === 'iotlb' || entry.cache === 'devtlb' ? entry : null;
}

/** The entries of VT-d units' caches and of device TLBs, in pieces. */
export const VTD_PIECES: Pieces<VtdEntry> = {
  runOf: asRun,
  part(entry, first, last) {
    if (entry.cache === 'iotlb') {
      const by = first - entry.first;
      return iotlbEntry({ ...entry, first, last, out: entry.out + by, gpa: entry.gpa + by });
    }
    if (entry.cache === 'devtlb')
      return deviceTlbEntry({ ...entry, first, last, out: entry.out + first - entry.first });
    return entry;
  },
  sameLine(a, b) {
    if (a.cache === 'iotlb') {
      return (
        b.cache === 'iotlb' &&
        a.iommu === b.iommu &&
        a.holds === b.holds &&
        a.domainId === b.domainId &&
        a.pasid === b.pasid &&
        a.nested === b.nested &&
        a.out - a.first === b.out - b.first &&
        a.gpa - a.first === b.gpa - b.first &&
        a.read === b.read &&
        a.write === b.write
      );
    }
    if (a.cache === 'devtlb') {
      return (
        b.cache === 'devtlb' &&
        a.device === b.device &&
        a.pasid === b.pasid &&
        a.out - a.first === b.out - b.first &&
        a.read === b.read &&
        a.write === b.write
      );
    }
    return a.key === b.key;
  },
};
