import type { Override } from '../../../model/rules.ts';

/**
 * Units with the erratum write accessed and dirty flags of first-stage tables whatever the second stage
 * allows.
 */
export const nestParentTakesReadOnly: Override = {
  name: 'vtd-nest-parent-takes-read-only',
  kind: 'defect',
  summary: 'a nesting parent takes mappings that are read-only',
  source: 'iommu/vt-d: Disallow read-only mappings to nest parent domain (2023-10, erratum 772415)',
  rules: { vtd: { nestParentRefusesReadOnly: false } },
};
