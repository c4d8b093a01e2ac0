import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCalls, type Draw } from '../../../checker/random/arbitrary.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import type { Call } from '../../../model/call.ts';
import { alloc, open, poll } from '../fakes.ts';

const calls: readonly Call[] = [open('f'), alloc('f', 'a', { flags: 6 }), poll, alloc('f', 'b'), poll];

describe('shrinking calls', () => {
  const made = arbitraryCalls(() => calls);

  /** Everything that fast-check can reach in one step. */
  function shrinks(): readonly (readonly Call[])[] {
    return [...made.shrink(calls, undefined)].map(({ value }) => value);
  }

  it('only ever leaves out calls or makes one simpler', () => {
    for (const shrunk of shrinks()) {
      if (shrunk.length < calls.length) expect(shrunk.every((call) => calls.includes(call))).toBe(true);
      else expect(shrunk.filter((call, index) => call !== calls[index])).toHaveLength(1);
    }
  });

  it('tries long runs of calls before single ones, and single ones before arguments', () => {
    expect(shrinks().map(({ length }) => length)).toEqual([3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5]);
  });

  it('does not make anything anew', () => {
    let walks = 0;
    const counted = arbitraryCalls(() => {
      walks++;
      return calls;
    });
    const details = fc.check(
      fc.property(counted, (given) => given.length < 2),
      { seed: 1, numRuns: 1 },
    );
    expect(details.numShrinks).toBeGreaterThan(0);
    expect(details.counterexample?.[0]).toHaveLength(2);
    expect(walks).toBe(1);
  });

  it('ends where nothing smaller fails', () => {
    const details = fc.check(
      fc.property(made, () => false),
      { seed: 1, numRuns: 1 },
    );
    expect(details.counterexample?.[0]).toEqual([]);
  });
});

describe('a draw', () => {
  it('is uniform below its bound', () => {
    const counts = [0, 0, 0];
    const walk = (draw: Draw): readonly Call[] => {
      for (let i = 0; i < 3000; i++) counts[draw(3)] = (counts[draw(3)] ?? 0) + 1;
      expect(draw(1)).toBe(0);
      return [];
    };
    fc.check(
      fc.property(arbitraryCalls(walk), () => true),
      { seed: 7, numRuns: 1 },
    );
    expect(Math.min(...counts)).toBeGreaterThan(900);
  });
});

describe('the seed of a run', () => {
  it('is a fixed function of the seed, the scope and the number of the run', () => {
    expect([
      runSeed(1, 'tiny', 0),
      runSeed(1, 'tiny', 1),
      runSeed(2, 'tiny', 0),
      runSeed(1, 'other', 0),
    ]).toMatchInlineSnapshot(`
      [
        -1715014500,
        -803605515,
        1373978182,
        -2021787069,
      ]
    `);
  });

  it('differs from that of every other run near it', () => {
    const seeds = new Set<number>();
    for (let seed = 0; seed < 20; seed++)
      for (let run = 0; run < 1000; run++) seeds.add(runSeed(seed, 'tiny', run));
    expect(seeds.size).toBeGreaterThan(19_990);
  });
});
