import type { Space, State } from './space.ts';
import type { Lookup } from './visited.ts';

/** Worlds that are kept because others are likely to begin with the same commands. */
const MOST_KEPT = 1 << 14;

/** Makes the worlds of states again by going the ways to them: that is how a worker has those that another found. */
export class Again {
  readonly #space: Space;
  readonly #kept = new Map<number, State>();

  constructor(space: Space) {
    this.#space = space;
  }

  /** Forgets them. */
  clear(): void {
    this.#kept.clear();
  }

  state(visited: Lookup, number: number): State {
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const state =
      number === 0
        ? this.#space.start()
        : this.#space.repeat(this.state(visited, visited.parentOf(number)), visited.moveTo(number)).next;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(number, state);
    return state;
  }
}
