import type { PermittedOutcomes } from '../report.ts';
import type { System } from './system.ts';

/** Counts how many outcomes the model permits to each DMA: a model that permits everything proves nothing. */
export class Permitted {
  private accesses = 0;
  private sum = 0;
  private most = 0;
  private least = Number.POSITIVE_INFINITY;

  /** The systems after a DMA. */
  note(systems: readonly System[]): void {
    const outcomes = systems.reduce((most, { machine }) => Math.max(most, machine.permitted), 1);
    this.accesses++;
    this.sum += outcomes;
    this.most = Math.max(this.most, outcomes);
    this.least = Math.min(this.least, outcomes);
  }

  /** Null without DMA. */
  report(): PermittedOutcomes | null {
    if (this.accesses === 0) return null;
    const { accesses, least: min, most: max } = this;
    return { accesses, min, max, mean: this.sum / accesses };
  }
}
