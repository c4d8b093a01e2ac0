/** The page that a list of doorbells has for one of them: the how many-eth from where the list begins. */
export interface DoorbellPage {
  /** Its physical page. */
  readonly doorbell: bigint;
  readonly pgoff: number;
}

/*
 * What every keeper of doorbells does alike (rule R-48): a doorbell has one page, and pages are given out one after the
 * other and not taken back. They differ in whose the list is (an iommufd context's, or one domain's), in where its pages
 * go, and in what there is no room for.
 */

/** The page that a doorbell has; undefined: none yet. */
export function pageFor<P extends DoorbellPage>(pages: readonly P[], doorbell: bigint): P | undefined {
  return pages.find((page) => page.doorbell === doorbell);
}

/** The page that the next doorbell gets. */
export function nextPage(pages: readonly DoorbellPage[]): number {
  let next = 0;
  for (const { pgoff } of pages) if (pgoff >= next) next = pgoff + 1;
  return next;
}

/** Where a page is in a domain whose pages begin at an address. */
export function placeFrom(start: bigint, { pgoff }: Pick<DoorbellPage, 'pgoff'>, pageSize: bigint): bigint {
  return start + BigInt(pgoff) * pageSize;
}
