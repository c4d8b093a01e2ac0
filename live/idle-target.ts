import type { LiveSequence } from './step.ts';
import type { Described, Ran, Target } from './target.ts';

/** A target that is there all the time and keeps nothing between runs, as a model is: what the loop is tried on. */
export abstract class IdleTarget implements Target {
  readonly name = 'model';
  protected readonly described: Described;

  constructor(described: Described) {
    this.described = described;
  }

  async boot(): Promise<Described> {
    return this.described;
  }

  abstract run(sequence: LiveSequence): Promise<Ran>;

  async reset(): Promise<void> {}

  async console(): Promise<string> {
    return '';
  }

  async stop(): Promise<void> {}
}
