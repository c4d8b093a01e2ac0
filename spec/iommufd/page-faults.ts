/** Source: include/uapi/linux/iommufd.h, struct iommu_hwpt_pgfault and struct iommu_hwpt_page_response. */

/** Bits of `flags`. */
export const PGFAULT_FLAGS = { PASID_VALID: 1, LAST_PAGE: 2 } as const;

/** Bits of `perm`. */
export const PGFAULT_PERM = { READ: 1, WRITE: 2, EXEC: 4, PRIV: 8 } as const;

/** Size of struct iommu_hwpt_pgfault. */
export const PGFAULT_BYTES = 40;

/** Size of struct iommu_hwpt_page_response. */
export const PAGE_RESPONSE_BYTES = 8;

/** What user space may answer. FAILURE was part of the interface before it was ever released (861f96a78514). */
export const PAGE_RESPONSE = { SUCCESS: 0, INVALID: 1, FAILURE: 2 } as const;

/** One page request as read() gives it. */
export interface Pgfault {
  readonly flags: number;
  readonly devId: number;
  readonly pasid?: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly cookie: number;
}

/** 64-bit little-endian words of one struct iommu_hwpt_pgfault; `length` and what is reserved are zero. */
export function encodePgfault({
  flags,
  devId,
  pasid = 0,
  grpid,
  perm,
  addr,
  cookie,
}: Pgfault): readonly bigint[] {
  return [
    BigInt(flags) | (BigInt(devId) << 32n),
    BigInt(pasid) | (BigInt(grpid) << 32n),
    BigInt(perm),
    addr,
    BigInt(cookie) << 32n,
  ];
}

/** The page requests of a buffer that read() filled; a last one that is cut off is left out. */
export function decodePgfaults(words: readonly bigint[]): readonly Pgfault[] {
  const each = PGFAULT_BYTES / 8;
  const low = (word: bigint | undefined): number => Number(BigInt.asUintN(32, word ?? 0n));
  const high = (word: bigint | undefined): number => Number((word ?? 0n) >> 32n);
  return Array.from({ length: Math.floor(words.length / each) }, (_, at) => {
    const [first, second, third, addr = 0n, fifth] = words.slice(at * each, (at + 1) * each);
    return {
      flags: low(first),
      devId: high(first),
      grpid: high(second),
      perm: low(third),
      addr,
      cookie: high(fifth),
    };
  });
}
