import { intended } from '../../model/rules.ts';
import type { World } from '../../model/world/world.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { contentOf } from '../explore/content.ts';
import { Space } from '../explore/space.ts';
import { amountsIn } from '../shortest/amounts.ts';

/** Two worlds that the same calls have led to under two designs. */
export type Pair = readonly [World, World];

const LIMITED = ['iommufd', 'ioas', 'hwpt', 'viommu', 'veventq', 'fault'] as const;

/**
 * When two pairs of worlds are the same one. Where a scope is explored and both worlds of a pair are equal, by what they
 * are up to renaming: two designs that differ behind one of them differ behind the other. Where the worlds of a pair are
 * not equal, by their whole contents, ids and all: a renaming would have to fit both at once. Fingerprints are of
 * 64 bits, as in exploration.
 */
export class Pairs {
  readonly #exploration: Exploration | null;
  readonly #space: Space | null;

  constructor(exploration: Exploration | null) {
    this.#exploration = exploration;
    // Which rules a space has makes no difference to what it says of a world.
    this.#space = exploration === null ? null : new Space(exploration, intended, true);
  }

  /** The pair, with one world in the place of two equal ones. */
  joined([first, second]: Pair): Pair {
    if (first === second) return [first, first];
    const [one, other] = [contentOf(first), contentOf(second)];
    return one.lo === other.lo && one.hi === other.hi ? [first, first] : [first, second];
  }

  /** What two pairs (as `joined` gives them) have in common exactly where they are the same. */
  keyOf([first, second]: Pair): string {
    if (first === second && this.#space !== null) {
      this.#space.look({ world: first, slots: null });
      return `${this.#space.lo} ${this.#space.hi}`;
    }
    const [one, other] = [contentOf(first), contentOf(second)];
    return first === second ? `${one.lo} ${one.hi} =` : `${one.lo} ${one.hi} ${other.lo} ${other.hi}`;
  }

  /** Whether both worlds are still in the scope made finite. */
  isWithin([first, second]: Pair): boolean {
    const { fits } = this;
    return fits(first) && (first === second || fits(second));
  }

  readonly fits = (world: World): boolean => {
    const exploration = this.#exploration;
    if (exploration === null) return true;
    const amounts = amountsIn(world);
    return LIMITED.every((kind) => amounts[kind] <= exploration.most[kind]) && exploration.within(world);
  };
}
