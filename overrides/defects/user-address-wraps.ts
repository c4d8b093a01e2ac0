import type { Override } from '../../model/rules.ts';

/** The check was made on IOVAs only: an area whose user addresses wrap was accepted and warned about when it was pinned. */
export const userAddressWraps: Override = {
  name: 'user-address-wraps',
  kind: 'defect',
  summary: 'a mapping is accepted whose user addresses leave the address space',
  source: 'iommufd: Check for uptr overflow (2023-04-01)',
  foundBy: 'user-addresses-do-not-wrap',
  rules: { iommufd: { mapChecksUserAddress: false } },
};
