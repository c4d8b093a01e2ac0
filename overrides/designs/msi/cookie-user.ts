import type { Override } from '../../../model/rules.ts';

/**
 * HWPT_ALLOC of the nesting parent takes the guest-physical address of the doorbell, and no size: the kernel puts the first
 * doorbell there and each further one a page behind. It still chooses and keeps the addresses, so the guest still has to
 * map them one to one: those that its VMM knows of, which are the pages of the virtual ITS.
 */
export const doorbellCookieUser: Override = {
  name: 'doorbell-cookie-user',
  kind: 'design',
  summary:
    "the kernel places doorbells from a guest-physical address on that the nesting parent's HWPT_ALLOC gives",
  source:
    'seed 004, Kevin Tian: "a new IOMMU_DMA_MSI_COOKIE_USER type which uses GPA (passed in in ALLOC_HWPT …) as IOVA"',
  rules: { msi: { doorbellPlace: 'cookie' } },
};
