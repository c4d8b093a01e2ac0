import type { Override } from '../../model/rules.ts';

/** The count was stored only on the way out that succeeds; the old container call hands it to its caller either way. */
export const unmapBytesLost: Override = {
  name: 'unmap-bytes-lost',
  kind: 'defect',
  summary: 'an unmap that fails half way reports none of the bytes that it took',
  source:
    'iommufd: Report unmapped bytes in the error path of iopt_unmap_iova_range (2025-07-10, Fixes 8d40205f6093)',
  foundBy: 'unmap-reports-what-it-took',
  rules: { iommufd: { failedUnmapReports: () => 0n } },
};
