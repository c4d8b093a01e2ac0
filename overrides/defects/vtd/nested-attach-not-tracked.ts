import type { Override } from '../../../model/rules.ts';

export const nestedAttachNotTracked: Override = {
  name: 'vtd-nested-attach-not-tracked',
  kind: 'defect',
  summary: "a guest's table that is attached while its nesting parent tracks writes does not track them",
  source: 'iommu/vt-d: Set SSADE when attaching to a parent with dirty tracking (2024-02)',
  foundBy: 'writes-are-logged',
  rules: { vtd: { nestedAttachTracks: false } },
};
