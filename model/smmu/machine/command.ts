/** What guests write for the pSMMU into their RAM, what devices do, and what the host does to a pSMMU: where caches are followed. */
export interface MachineArgs {
  /** The acting guest writes a CD (`valid`), or clears one, in a page of its RAM. `table` is TTB0; `silent`: CD.R = 0. */
  readonly guestWriteCd: {
    readonly page: number;
    readonly slot: number;
    readonly valid: boolean;
    readonly asid: number;
    readonly table: bigint;
    readonly silent: boolean;
  };
  /** The acting guest writes a page descriptor (`valid`), or clears one, for VA page `index` in a table of its RAM. */
  readonly guestWritePte: {
    readonly page: number;
    readonly index: number;
    readonly valid: boolean;
    readonly ipa: bigint;
    readonly readOnly: boolean;
    readonly global: boolean;
  };
  /** The acting device accesses memory; `stream` counts its StreamIDs, `translated` is by its ATC. */
  readonly dma: {
    readonly iova: bigint;
    readonly write: boolean;
    readonly stream: number;
    readonly ssv: boolean;
    readonly ssid: number;
    readonly translated: boolean;
  };
  readonly hostInterrupt: Record<never, never>;
  readonly hostProceed: Record<never, never>;
  /** `smmu` is the index of a pSMMU. */
  readonly hostDisable: { readonly smmu: number };
  readonly hostReset: { readonly smmu: number };
  readonly hostDelayEvents: { readonly smmu: number };
  readonly hostReadEvents: { readonly smmu: number };
}
