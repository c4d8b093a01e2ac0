import { describe, expect, it } from 'vitest';
import { Fingerprints } from '../../../checker/assignability/fingerprints.ts';
import { Execution } from '../../../checker/run.ts';
import { NOTHING } from '../../../checker/watch.ts';
import { intended } from '../../../model/rules.ts';
import { sameState } from '../../../model/world/equal.ts';
import type { World } from '../../../model/world/world.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';

describe('fingerprints', () => {
  it('are equal exactly where worlds are', () => {
    const fingerprints = new Fingerprints();
    let state = 7;
    const draw = (bound: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return bound <= 1 ? 0 : (state >>> 8) % bound;
    };
    const worldAfter = (steps: number): World => {
      const execution = new Execution({ scope: oneVsmmu, rules: intended }, NOTHING);
      for (let n = 0; n < steps; n++)
        execution.apply(generateCall(oneVsmmu, execution.world, execution.bindings, draw));
      return execution.world;
    };
    const worlds: World[] = [];
    for (let run = 0; run < 6; run++) worlds.push(worldAfter(run));
    worlds.push(...worlds.map((world) => structuredClone(world)));
    for (const a of worlds) {
      for (const b of worlds) expect(fingerprints.of(a) === fingerprints.of(b)).toBe(sameState(a, b));
    }
  });

  it.each([
    [{ a: 1 }, { a: 1n }],
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, { a: 'null' }],
    [{ a: [] }, { a: {} }],
    [['#0'], [{}]],
  ])('tell %o from %o', (a, b) => {
    const fingerprints = new Fingerprints();
    expect(fingerprints.of(a)).not.toBe(fingerprints.of(b));
  });

  it('do not depend on the order of names', () => {
    const fingerprints = new Fingerprints();
    expect(fingerprints.of({ a: 1, b: [2n] })).toBe(fingerprints.of({ b: [2n], a: 1 }));
  });
});
