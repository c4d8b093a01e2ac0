import { performance } from 'node:perf_hooks';

/** Every measurement is repeated and the best is told: noise only ever adds time. */
const REPEATS = 5;

/** Prints how many of something a second the fastest of a few repetitions did. */
export function measure(what: string, count: number, work: () => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  const perSecond = Math.round((count / best) * 1000);
  process.stdout.write(`${what.padEnd(56)} ${perSecond.toLocaleString('en').padStart(12)} /s\n`);
}
