/** Flags of linux/vfio.h (Linux 7.2). */
export const VFIO_DEVICE = { BIND_FLAG_TOKEN: 1, ATTACH_PASID: 1, DETACH_PASID: 1 } as const;

export const VFIO_DEVICE_FLAGS = { RESET: 1, PCI: 2 } as const;

export const VFIO_REGION_INFO = { READ: 1, WRITE: 2, MMAP: 4 } as const;

export const VFIO_IRQ_INFO = { EVENTFD: 1, MASKABLE: 2, AUTOMASKED: 4, NORESIZE: 8 } as const;

export const VFIO_IRQ_SET = {
  DATA_NONE: 1,
  DATA_BOOL: 2,
  DATA_EVENTFD: 4,
  ACTION_MASK: 8,
  ACTION_UNMASK: 16,
  ACTION_TRIGGER: 32,
} as const;

/** Indices of the regions and interrupts of a PCI device. */
export const VFIO_PCI = {
  BAR0: 0,
  CONFIG_REGION: 7,
  VGA_REGION: 8,
  NUM_REGIONS: 9,
  INTX_IRQ: 0,
  MSI_IRQ: 1,
  MSIX_IRQ: 2,
  ERR_IRQ: 3,
  REQ_IRQ: 4,
  NUM_IRQS: 5,
} as const;

/** `flags` of struct vfio_device_feature, and the features that a device of its own function has. */
export const DEVICE_FEATURE = {
  MASK: 0xffff,
  GET: 1 << 16,
  SET: 1 << 17,
  PROBE: 1 << 18,
  LOW_POWER: { ENTRY: 3, ENTRY_WITH_WAKEUP: 4, EXIT: 5 },
} as const;

/** Flags of struct vfio_pci_hot_reset_info, and bytes of each device behind it. */
export const PCI_HOT_RESET = { DEV_ID: 1, DEV_ID_OWNED: 2, DEVICE_BYTES: 8 } as const;

/** Sizes that ATTACH and DETACH must have for their `pasid` to be there. */
export const VFIO_IOCTL_SIZES = { ATTACH_WITH_PASID: 16, DETACH_WITH_PASID: 12 } as const;
