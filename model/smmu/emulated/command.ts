/** What a guest does with an emulated SMMUv3, what its devices do, and its machine's reset. */
export interface EmulatedArgs {
  /** The guest stores words in its memory, from an address on. */
  readonly emulatedStore: { readonly address: bigint; readonly words: readonly bigint[] | null };
  readonly emulatedCr0: { readonly value: number };
  readonly emulatedGbpa: { readonly value: number };
  /** STRTAB_BASE and STRTAB_BASE_CFG. */
  readonly emulatedStreamTable: { readonly base: bigint; readonly config: number };
  /** Commands, two words each. */
  readonly emulatedCommands: { readonly words: readonly bigint[] | null };
  /** The guest takes every record out of its event queue. */
  readonly emulatedEvents: Record<never, never>;
  /** A device accesses memory under a StreamID. */
  readonly emulatedDma: {
    readonly stream: number;
    readonly iova: bigint;
    readonly write: boolean;
    readonly ssv: boolean;
    readonly ssid: number;
  };
  /** The machine is reset: it begins with the devices' queues still at work, and ends with everything at rest. */
  readonly emulatedReset: { readonly ends: boolean };
}

export type EmulatedCommandName = keyof EmulatedArgs;
