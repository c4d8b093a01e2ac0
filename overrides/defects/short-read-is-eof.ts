import type { Override } from '../../model/rules.ts';

/** A reader took the zero bytes for the end of the file, with the event still waiting. */
export const shortReadIsEof: Override = {
  name: 'short-read-is-eof',
  kind: 'defect',
  summary: 'a read too short for anything gives no bytes in place of EINVAL',
  source: 'iommufd: Reject invalid read count in iommufd_veventq_fops_read() (2026)',
  foundBy: 'waiting-events-are-not-silent',
  rules: { iommufd: { shortReadIsRefused: false } },
};
