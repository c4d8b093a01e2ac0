interface OnIovas {
  readonly iova: bigint;
  readonly length: bigint;
}

/** What drivers of mediated devices do with the memory of their users, and processes with dma-bufs. */
export interface AccessArgs {
  /** The acting device's driver pins pages (vfio_pin_pages()). */
  readonly mdevPin: OnIovas & { readonly write: boolean };
  /** It unpins what it pinned at once. */
  readonly mdevUnpin: OnIovas;
  /** It reads or writes by way of the kernel (vfio_dma_rw()). */
  readonly mdevRw: OnIovas & { readonly write: boolean };
  /** VFIO_DEVICE_ATTACH_IOMMUFD_PT of a mediated device by another thread, until its driver is asked to unpin. */
  readonly mdevAttachBegins: { readonly fd: number; readonly ptId: number };
  /** VFIO_DEVICE_FEATURE_DMA_BUF of a bound device: BAR0 as a file. */
  readonly exportBar: { readonly fd: number };
}
