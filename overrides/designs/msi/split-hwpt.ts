import type { Override } from '../../../model/rules.ts';
import { ioasMapMsi } from './ioas-map-msi.ts';

/**
 * The other way out of two doorbells at one IOVA: both are in the IOAS, and an HWPT has those of the ITS of the device
 * for which it was allocated. A device of another ITS needs a nesting parent, a vIOMMU and a VMID of its own.
 */
export const doorbellsSplitHwpts: Override = {
  name: 'doorbells-split-hwpts',
  kind: 'design',
  summary: 'as ioas-map-msi, but two ITSes at one IOVA split the IOAS into two HWPTs',
  source: 'seed 004, Robin Murphy: "either we split the IOAS into two HWPTs to hold the different mappings"',
  rules: { msi: { ...ioasMapMsi.rules.msi, doorbellsSplitHwpts: true } },
};
