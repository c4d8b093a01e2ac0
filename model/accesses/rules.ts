/** The decision points of accesses and of what they pin. */
export interface AccessesRules {
  /**
   * Which pages of an area, counted from its first, are let go when the last domain leaves it; `accessed`: those that
   * drivers have pinned, ascending.
   */
  leftByDomains(pages: number, accessed: readonly number[]): readonly number[];
  /** Whether whoever uses an access looks whether it is on an IOAS at the moment. */
  readonly looksForIoas: boolean;
  /** Whether the drivers that have pinned what an unmap takes are asked to unpin it. */
  readonly unmapAsksDrivers: boolean;
  /** Whether an access whose replace is refused keeps its place in the IOAS that it is on. */
  readonly refusedAccessKeepsPlace: boolean;
  /** Whether a driver can pin what lies behind a dma-buf, which has no pages. */
  readonly pinsDmabuf: boolean;
  /** Whether a domain that comes maps a dma-buf that was revoked. */
  readonly mapsRevoked: boolean;
}

declare module '../world/rules.ts' {
  interface Rules {
    readonly accesses: AccessesRules;
  }
}

export const accessesIntended: AccessesRules = Object.freeze({
  leftByDomains: (pages, accessed) =>
    Array.from({ length: pages }, (_, page) => page).filter((page) => !accessed.includes(page)),
  looksForIoas: true,
  unmapAsksDrivers: true,
  refusedAccessKeepsPlace: true,
  pinsDmabuf: false,
  mapsRevoked: false,
} satisfies AccessesRules);
