import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly accesses: AccessesRules;
  }
}

/** The decision points of accesses and of what they pin. */
export const accessesPoints = {
  leftByDomains: decision<(pages: number, accessed: readonly number[]) => readonly number[]>(
    'Which pages of an area, counted from its first, are unpinned when the last domain leaves it; `accessed`: those that drivers have pinned, ascending.',
    '(pages: number, accessed: readonly number[]) => readonly number[]',
    (pages, accessed) =>
      Array.from({ length: pages }, (_, page) => page).filter((page) => !accessed.includes(page)),
  ),
  looksForIoas: flag('Whether the user of an access checks that it is on an IOAS at the moment.', true),
  unmapAsksDrivers: flag('Whether an unmap asks the drivers that have pinned its pages to unpin them.', true),
  refusedAccessKeepsPlace: flag(
    'Whether an access whose replace is refused keeps its place in the IOAS that it is on.',
    true,
  ),
  pinsDmabuf: flag('Whether a driver can pin pages of a dma-buf, which has none.', false),
  mapsRevoked: flag('Whether a domain that joins an IOAS maps a dma-buf that was revoked.', false),
} satisfies Declarations;

export type AccessesRules = RulesOf<typeof accessesPoints>;

export const accessesIntended: AccessesRules = intendedOf(accessesPoints);
