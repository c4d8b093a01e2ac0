import type { Override } from '../../model/rules.ts';

export const vectorsOutliveFile: Override = {
  name: 'vectors-outlive-file',
  kind: 'mutant',
  summary: "a device's vectors stay programmed when its file is closed",
  source: 'breaks no-doorbell-outlives-its-user',
  rules: { msi: { vectorsGoWithFile: false } },
};
