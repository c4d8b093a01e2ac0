import type { Row } from '../table.ts';

/** The run behind an access is as long as if it began where the access does: it ends that much too late. */
function pastTheEnd(pages: number, accessed: readonly number[]): readonly number[] {
  const left = Array.from({ length: pages }, (_, page) => page).filter((page) => !accessed.includes(page));
  if (left.at(-1) !== pages - 1) return left;
  return [...left, ...accessed.map((_, beyond) => pages + beyond)];
}

export const unpinRunsPastAccess: Row = {
  kind: 'defect',
  summary:
    'when a domain leaves, it unpins pages beyond the end of the area: as many as a driver has pinned inside it',
  source: 'iommufd: Fix unpinning of pages when an access is present (Fixes 8d160cd4d506)',
  rules: { accesses: { leftByDomains: pastTheEnd } },
};
