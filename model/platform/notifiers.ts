/** Pages of a guest's IOVA space, both ends in. */
export interface PageSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * An emulated IOMMU without nesting, whose VMM maps on the host what its guest maps: a listener for each range of memory that
 * devices behind it reach (QEMU's IOMMU notifiers), ascending and apart.
 */
export interface NotifierPlatform {
  readonly ranges: readonly PageSpan[];
}
