import { type Draw, oneIn, pick } from '../workload/generator/choice.ts';
import type { Outcome } from './compare.ts';
import type { LiveSequence } from './step.ts';

/** Sequences that are kept; more would only repeat. */
const MOST = 400;

/** One in so many sequences goes on from one that is kept. */
const FROM_CORPUS_ONE_IN = 3;

/** Sequences that reached what none before them had: an answer of a command right after an answer of another. */
export class Corpus {
  readonly #kept: LiveSequence[] = [];
  readonly #reached = new Set<string>();

  get size(): number {
    return this.#kept.length;
  }

  /** Keeps the sequence up to the last step that reached something new. */
  take(sequence: LiveSequence, outcomes: readonly Outcome[]): void {
    let length = 0;
    for (const [at, { what, step }] of outcomes.entries()) {
      const reached = `${outcomes[at - 1]?.what ?? ''} > ${what}`;
      if (this.#reached.has(reached)) continue;
      this.#reached.add(reached);
      length = step + 1;
    }
    if (length < 2 || this.#kept.length >= MOST) return;
    this.#kept.push(sequence.slice(0, length));
  }

  /** The beginning of a kept sequence, to go on from; null: begin anew. */
  draw(draw: Draw): LiveSequence | null {
    if (this.#kept.length === 0 || !oneIn(FROM_CORPUS_ONE_IN, draw)) return null;
    const sequence = pick(this.#kept, draw);
    return sequence.slice(0, 1 + draw(sequence.length));
  }
}
