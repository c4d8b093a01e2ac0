import type { Override } from '../../../model/rules.ts';

/**
 * Address bits below a page are reserved in the descriptor, or mean something else: the unit stops at it.
 */
export const flushAddressUnaligned: Override = {
  name: 'vtd-flush-address-unaligned',
  kind: 'defect',
  summary: 'an address that a guest gives to invalidate goes into the descriptor as it is',
  source: 'iommu/vt-d: Handle non-page aligned address (288d08e78008)',
  foundBy: 'flushed-range-is-gone',
  rules: { vtd: { flushedAddressIsChecked: false } },
};
