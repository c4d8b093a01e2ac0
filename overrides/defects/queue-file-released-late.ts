import type { Override } from '../../model/rules.ts';

/** fput() leaves the release to a task of its own, which ran when the queue had been freed. */
export const queueFileReleasedLate: Override = {
  name: 'queue-file-released-late',
  kind: 'defect',
  summary: 'an event queue that could not be handed out is freed before its file is released',
  source: 'iommufd: Fix race during abort for file descriptors (4e034bf045b1, CVE-2025-39966)',
  foundBy: 'no-dangling-reference',
  rules: { iommufd: { abortReleasesFileFirst: false } },
};
