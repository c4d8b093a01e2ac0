import type { Override } from '../../../model/rules.ts';

/**
 * VIOMMU_ALLOC refuses a device whose DMA a guest could make incoherent by the memory attributes of its own tables: VFIO
 * maintains no caches. But only the device that the vIOMMU is made with is asked; another that attaches to it later meets
 * only the parent's own flag, which is that of the device that the parent was made with.
 */
export const nestedDeviceIncoherent: Override = {
  name: 'nested-device-incoherent',
  kind: 'deviation',
  summary:
    "a device without CANWBS or S2FWB can be put behind a guest's stage 1, on a vIOMMU that another device made",
  source:
    'Linux arm_vsmmu_init(), arm_smmu_attach_prepare(), read and not run; IORT: Memory Access Flags, CANWBS',
  rules: { smmuDriver: { nestedDeviceIsCoherent: false } },
};
