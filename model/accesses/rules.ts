import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly accesses: AccessesRules;
  }
}

/** The decision points of accesses and of what they pin. */
export const accessesPoints = {
  leftByDomains: decision<(pages: number, accessed: readonly number[]) => readonly number[]>(
    'Which pages of an area, counted from its first, are let go when the last domain leaves it; `accessed`: those that drivers have pinned, ascending.',
    '(pages: number, accessed: readonly number[]) => readonly number[]',
    (pages, accessed) =>
      Array.from({ length: pages }, (_, page) => page).filter((page) => !accessed.includes(page)),
  ),
  looksForIoas: flag('Whether whoever uses an access looks whether it is on an IOAS at the moment.', true),
  unmapAsksDrivers: flag(
    'Whether the drivers that have pinned what an unmap takes are asked to unpin it.',
    true,
  ),
  refusedAccessKeepsPlace: flag(
    'Whether an access whose replace is refused keeps its place in the IOAS that it is on.',
    true,
  ),
  pinsDmabuf: flag('Whether a driver can pin what lies behind a dma-buf, which has no pages.', false),
  mapsRevoked: flag('Whether a domain that comes maps a dma-buf that was revoked.', false),
} satisfies Declarations;

export type AccessesRules = RulesOf<typeof accessesPoints>;

export const accessesIntended: AccessesRules = intendedOf(accessesPoints);
