import { type DoorbellPage, nextPage, pageFor, placeFrom } from '../iommufd/sw-msi/pages.ts';

/**
 * What a domain keeps of the doorbells that it maps. `msi` is for domains whose user manages the addresses: pages one
 * after the other from the window's start on (iommu_get_msi_cookie()). `iova` is for the kernel's own ones: pages from
 * the allocator of addresses, which gives PCI devices the highest that are free below 4 GiB (iommu_get_dma_cookie()).
 * Pages stay until the domain goes.
 */
export interface MsiCookie {
  readonly kind: 'msi' | 'iova';
  readonly start: bigint;
  readonly pages: readonly DoorbellPage[];
}

/** A kernel's own domain before any MSI: addresses are given out downwards from here. */
export const OWN_COOKIE: MsiCookie = Object.freeze({
  kind: 'iova',
  start: 1n << 32n,
  pages: Object.freeze([]),
});

/** Where a page of the list is in the domain. */
export function placeIn({ kind, start }: MsiCookie, page: Pick<DoorbellPage, 'pgoff'>, size: bigint): bigint {
  return kind === 'msi' ? placeFrom(start, page, size) : placeFrom(start, { pgoff: -1 - page.pgoff }, size);
}

/** The doorbell whose page an address of the domain is in; undefined: none. */
export function doorbellIn(cookie: MsiCookie, iova: bigint, size: bigint): DoorbellPage | undefined {
  return cookie.pages.find((page) => placeIn(cookie, page, size) === iova - (iova % size));
}

/** A doorbell's page, and the cookie with it. Where the list is not looked at, the doorbell gets another one. */
export function withPage(
  cookie: MsiCookie,
  doorbell: bigint,
  looks: boolean,
): { readonly cookie: MsiCookie; readonly page: DoorbellPage } {
  const old = looks ? pageFor(cookie.pages, doorbell) : undefined;
  if (old !== undefined) return { cookie, page: old };
  const page = { doorbell, pgoff: nextPage(cookie.pages) };
  return { cookie: { ...cookie, pages: [...cookie.pages, page] }, page };
}
