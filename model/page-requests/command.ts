/** What devices do. */
export interface PageRequestArgs {
  /** The acting device asks for a page; `last`: the group is complete, and the device waits for the answer to it. */
  readonly pageRequest: {
    readonly group: number;
    readonly address: bigint;
    readonly perm: number;
    readonly last: boolean;
  };
}
