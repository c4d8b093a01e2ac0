import type { Sight } from './judge.ts';
import type { LiveSequence } from './step.ts';

/** Candidates for one kind of trouble, tried on the target one after the other. */
export class TroubleTried {
  readonly #sight: Sight;
  readonly #look: (candidate: LiveSequence) => Promise<Sight | null>;
  readonly #restart: () => Promise<void>;
  restarts = 0;
  /** What the console said when it was last seen. */
  excerpt: string;

  constructor(
    sight: Sight,
    look: (candidate: LiveSequence) => Promise<Sight | null>,
    restart: () => Promise<void>,
  ) {
    this.#sight = sight;
    this.#look = look;
    this.#restart = restart;
    this.excerpt = sight.console ?? '';
  }

  /** Whether a target that was just started shows it. */
  async onFresh(sequence: LiveSequence): Promise<boolean> {
    await this.#startAgain();
    return this.#shows(sequence, false);
  }

  /** Whether a target that has complained complains of the same again: it may say so only once. A fresh one is left if not. */
  async again(sequence: LiveSequence): Promise<boolean> {
    if (this.#sight.is === 'console' && (await this.#shows(sequence, false))) return true;
    await this.#startAgain();
    return false;
  }

  /** How many steps of each candidate show it, up to the first that does. With `restarts`, the target is started again behind each. */
  async lengths(candidates: readonly LiveSequence[], restarts: boolean): Promise<readonly (number | null)[]> {
    const lengths: (number | null)[] = [];
    for (const candidate of candidates) {
      const isOver = lengths.some((length) => length !== null);
      lengths.push(!isOver && (await this.#shows(candidate, restarts)) ? candidate.length : null);
    }
    return lengths;
  }

  async #shows(candidate: LiveSequence, restarts: boolean): Promise<boolean> {
    const seen = await this.#look(candidate);
    const isIt = seen?.kind === this.#sight.kind;
    if (isIt) this.excerpt = seen?.console ?? this.excerpt;
    if (seen !== null && (restarts || !isIt)) await this.#startAgain();
    return isIt;
  }

  async #startAgain(): Promise<void> {
    this.restarts++;
    await this.#restart();
  }
}
