import { FIRST_FD } from '../../model/world/process.ts';

/**
 * The descriptors of a process that are recorded, and the numbers that they have in the model, where each process has no
 * others: there too each gets the lowest that is free.
 */
export class Descriptors {
  /** Threads and processes that have this table. */
  users = 1;
  readonly #numbers = new Map<number, number>();

  /** The model's number; null: it is not recorded what this descriptor is. */
  of(recorded: number): number | null {
    return this.#numbers.get(recorded) ?? null;
  }

  add(recorded: number): number {
    const taken = new Set(this.#numbers.values());
    let number = FIRST_FD;
    while (taken.has(number)) number++;
    this.#numbers.set(recorded, number);
    return number;
  }

  remove(recorded: number): void {
    this.#numbers.delete(recorded);
  }

  /** Recorded number and the model's, in the order of the latter. */
  all(): readonly (readonly [number, number])[] {
    return [...this.#numbers].sort(([, a], [, b]) => a - b);
  }
}
