/** Flags, types and limits of linux/iommufd.h (Linux 7.2). Each group is named after its enum. */

export const HWPT_ALLOC = { NEST_PARENT: 1, DIRTY_TRACKING: 2, FAULT_ID_VALID: 4, PASID: 8 } as const;

export const IOAS_MAP = { FIXED_IOVA: 1, WRITEABLE: 2, READABLE: 4 } as const;

/** MSI_COOKIE is of no kernel: the guest-physical address of the doorbell (`cookie-user`). */
export const HWPT_DATA = { NONE: 0, VTD_S1: 1, ARM_SMMUV3: 2, MSI_COOKIE: 0x4d53 } as const;

export const HW_INFO = { INPUT_TYPE: 1 } as const;

export const HW_INFO_TYPE = { DEFAULT: 0, INTEL_VTD: 1, ARM_SMMUV3: 2, TEGRA241_CMDQV: 3 } as const;

export const HW_CAP = {
  DIRTY_TRACKING: 1n,
  PCI_PASID_EXEC: 2n,
  PCI_PASID_PRIV: 4n,
  PCI_ATS_NOT_SUPPORTED: 8n,
} as const;

export const VIOMMU_TYPE = { DEFAULT: 0, ARM_SMMUV3: 1, TEGRA241_CMDQV: 2 } as const;

/** `flags` of struct iommu_hwpt_vtd_s1. */
export const HWPT_VTD_S1 = { SRE: 1n, EAFE: 2n, WPE: 4n } as const;

/** `flags` of struct iommu_hw_info_vtd. */
export const HW_INFO_VTD = { ERRATA_772415_SPR17: 1 } as const;

export const HWPT_INVALIDATE_DATA = { VTD_S1: 0 } as const;

/** `flags` of struct iommu_hwpt_vtd_s1_invalidate. */
export const VTD_INVALIDATE = { LEAF: 1 } as const;

export const VIOMMU_INVALIDATE_DATA = { ARM_SMMUV3: 1 } as const;

export const VEVENTQ_TYPE = { DEFAULT: 0, ARM_SMMUV3: 1, TEGRA241_CMDQV: 2 } as const;

/** The `flags` of an event header that stands for events which were lost (iommufd_vevent_header). */
export const VEVENTQ_FLAG_LOST_EVENTS = 1;

export const HW_QUEUE_TYPE = { DEFAULT: 0, TEGRA241_CMDQV: 1 } as const;

export const OPTION = { RLIMIT_MODE: 0, HUGE_PAGES: 1 } as const;

export const OPTION_OP = { SET: 0, GET: 1 } as const;

/** The most entries one HWPT_INVALIDATE may carry, and the most events a vEVENTQ may hold. */
export const MAX_ENTRIES = 1 << 19;

/** `ULONG_MAX` of a 64-bit kernel: the last IOVA. */
export const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
