/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
const BREATH = 80;

/** Tells long work when to end: at a deadline or when it is interrupted, whichever comes first. */
export class Pause {
  readonly #signal: AbortSignal | undefined;
  #breathed = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  get interrupted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Whether to go on until `deadline` (of `performance.now()`); now and then it lets others run, and calls back. */
  async goesOn(deadline: number, onBreath: () => void): Promise<boolean> {
    const now = performance.now();
    if (now - this.#breathed >= BREATH) {
      onBreath();
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#breathed = performance.now();
    }
    return now < deadline && !this.interrupted;
  }
}
