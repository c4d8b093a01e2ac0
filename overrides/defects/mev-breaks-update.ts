import { updateEntry } from '../../model/smmu/driver/entry-update.ts';
import { STE_FORMAT } from '../../model/smmu/driver/ste-format.ts';
import { maskOf } from '../../spec/bits.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import type { Row } from '../table.ts';

const MEV = maskOf(ste, ['MEV']);

/** Before it was known to be safe, a change of MEV beside another doubleword took the entry through V=0. */
const UNSAFE = {
  ...STE_FORMAT,
  safe: (current: readonly bigint[], target: readonly bigint[]) =>
    STE_FORMAT.safe(current, target).map((word, i) => word & ~(MEV[i] ?? 0n)),
};

export const mevBreaksUpdate: Row = {
  kind: 'defect',
  summary: 'an update of STE.MEV together with another field makes the STE invalid (V=0) in between',
  source: 'iommu/arm-smmu-v3: Mark STE MEV safe when computing the update sequence (f3c1d372dbb8)',
  foundBy: 'entry-update-not-torn',
  rules: { smmuDriver: { steUpdate: (current, target) => updateEntry(current, target, UNSAFE) } },
};
