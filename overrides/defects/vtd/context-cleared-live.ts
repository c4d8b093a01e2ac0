import type { Override } from '../../../model/rules.ts';

/** The store that has P in it need not be the first that is seen. */
export const contextClearedLive: Override = {
  name: 'vtd-context-cleared-live',
  kind: 'defect',
  summary: 'a context entry is zeroed while it is present, the half with P in it last',
  source: 'iommu/vt-d: Clear Present bit before tearing down scalable-mode context entry (CVE-2026-74439)',
  foundBy: 'table-entry-not-torn',
  rules: {
    vtd: {
      contextClear(current) {
        const [first = 0n, ...rest] = current;
        const directoryGone = [first & 0xfffn, ...rest];
        return [directoryGone, current.map(() => 0n)];
      },
    },
  },
};
