/** What a device's MSI vector is programmed with (struct msi_msg), and where that leads. */
export interface MsiMessage {
  /** The address that the device writes to. */
  readonly address: bigint;
  /** What it writes: chosen by the host's interrupt controller. */
  readonly data: number;
  /** Where the kernel put the doorbell's page for it, as an input address of the paging domain; null: it did not. */
  readonly place: bigint | null;
  /** The paging HWPT for which it was made (null: none was attached). */
  readonly madeFor: number | null;
}

/** What the kernel was told of a device's vectors before they are switched on. */
export interface MsiTold {
  /** The page at which the guest's machine has the doorbell, an IPA. */
  readonly ipa: bigint;
  /** By vector: the guest's address; null where it has none. */
  readonly addresses: readonly (bigint | null)[];
  /** By vector: the guest's data. */
  readonly data: readonly number[];
}
