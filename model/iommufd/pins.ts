declare module '../world/world.ts' {
  interface World {
    /** Null where no device is mediated. */
    readonly pins: Pins | null;
  }
}

/** A range of IOVAs that a driver has pinned: what it pins at once it also unpins at once. */
export interface Pin {
  readonly start: bigint;
  readonly last: bigint;
  /** The number by which user space unpins it, if that is how. */
  readonly id?: number;
}

/** Who holds what of memory, on platforms with mediated devices. */
export interface Pins {
  /** Pages of processes that the kernel has pinned, ascending by address; those that are not are left out. */
  readonly pages: readonly PinnedPage[];
  /** Parts of devices that processes were given as dma-bufs; null: nobody has it any more. */
  readonly dmabufs: readonly (Dmabuf | null)[];
  /** Where domains map dma-bufs. */
  readonly mapped: readonly DmabufMapping[];
}

export interface PinnedPage {
  /** User address. */
  readonly va: bigint;
  readonly count: number;
}

/** BAR0 of a device (vfio_pci_dmabuf.c). */
export interface Dmabuf {
  readonly device: number;
  /** Its length where it is memory of the kernel's, and of no device. */
  readonly bytes?: number;
  /** Its device was reset or let go: nobody may reach it any more. */
  readonly revoked: boolean;
}

/** An area of an IOAS with a dma-buf, as one domain maps it. */
export interface DmabufMapping {
  readonly ctx: number;
  readonly hwpt: number;
  readonly start: bigint;
  readonly last: bigint;
  readonly dmabuf: number;
}

const NONE = Object.freeze([]);

export const NO_PINS: Pins = Object.freeze({ pages: NONE, dmabufs: NONE, mapped: NONE });
