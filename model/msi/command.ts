/** What concerns MSIs and is no call of Linux 7.2: devices, the host, and calls that only some designs have. */
export interface MsiArgs {
  /** The acting device raises a vector: the write that its message says. */
  readonly fireMsi: { readonly vector: number };
  /** The host moves an interrupt to another CPU. */
  readonly moveInterrupt: { readonly device: string; readonly vector: number };
  /** The reserved regions of a device as sysfs shows them (…/iommu_groups/N/reserved_regions). */
  readonly readReserved: { readonly device: string };
  /** A thread of the process is in VFIO_DEVICE_SET_IRQS of a device's first vector: it has looked up the doorbell's page … */
  readonly beginSetIrqs: { readonly fd: number };
  /** … and puts it into the list. */
  readonly endSetIrqs: { readonly fd: number };
  /** VFIO_IRQ_SET_ACTION_PREPARE: what the guest has in a vector, and where its machine has the doorbell (designs that forward). */
  readonly vfioPrepareMsi: {
    readonly fd: number;
    readonly vector: number;
    readonly ipa: bigint;
    readonly address: bigint;
    readonly value: number;
  };
  /** IOAS_MAP_MSI: the doorbells of a device's ITS at an IOVA (`ioas-map-msi`). */
  readonly ioasMapMsi: {
    readonly fd: number;
    readonly ioasId: number;
    readonly devId: number;
    readonly iova: bigint;
    readonly length: bigint;
  };
  /** mmap() of an ITS's doorbells, which the interrupt layer offers (`its-mmap`). */
  readonly mmapIts: { readonly its: number; readonly va: bigint };
  readonly munmapIts: { readonly va: bigint };
}

/** What a guest (actor `guest:<vm>`) does with the vectors of a device that it sees. */
export interface VectorArgs {
  /** Writes address and data into the device's table of vectors, which its VMM traps. */
  readonly programVector: VectorOf & { readonly address: bigint; readonly value: number };
  /** Switches a vector on (in a machine without MSIs: the device's INTx). */
  readonly enableVector: VectorOf;
  readonly disableVector: VectorOf;
}

interface VectorOf {
  readonly vsmmu: number;
  readonly vsid: number;
  readonly vector: number;
}
