/**
 * Reads the 64-bit little-endian word at an 8-byte aligned physical address.
 * Undefined means that nothing answers there: an external abort.
 */
export type ReadMemory64 = (address: bigint) => bigint | undefined;

/** One incoming transaction, as the interconnect presents it (IHI0070 3.1). */
export interface Access {
  readonly streamId: number;
  /** Undefined: the transaction carries no SubstreamID (SSV = 0). */
  readonly substreamId: number | undefined;
  readonly address: bigint;
  readonly write: boolean;
  readonly privileged: boolean;
  readonly instruction: boolean;
}

/** An unprivileged data access without a SubstreamID, which is what most devices issue. */
export function dataAccess(streamId: number, address: bigint, direction: 'read' | 'write'): Access {
  return {
    streamId,
    substreamId: undefined,
    address,
    write: direction === 'write',
    privileged: false,
    instruction: false,
  };
}
