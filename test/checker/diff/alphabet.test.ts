import { describe, expect, it } from 'vitest';
import { callKey, sensibleCalls } from '../../../checker/diff/alphabet.ts';
import { Execution } from '../../../checker/run.ts';
import { NOTHING } from '../../../checker/watch.ts';
import { intended } from '../../../model/rules.ts';
import type { Draw } from '../../../workload/generator/choice.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { mixedHost } from '../../../workload/scopes/mixed-host.ts';
import { oneSmmu } from '../../../workload/scopes/one-smmu.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

/** The same draws in every run of the test. */
function draws(): Draw {
  let state = 7;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return bound <= 1 ? 0 : (state >>> 8) % bound;
  };
}

function executionAfter(scope: Scope, steps: number, draw: Draw): Execution {
  const execution = new Execution({ scope, rules: intended }, NOTHING);
  for (let n = 0; n < steps; n++)
    execution.apply(generateCall(scope, execution.world, execution.bindings, draw));
  return execution;
}

/** Kinds with more forms than are enumerated in one world. */
const MANY_FORMS: readonly string[] = [
  'issueCommands',
  'writeSte',
  'writeRegister',
  'ioasMap',
  'ioasCopy',
  'ioasMapFile',
  'mapFileBegins',
  'hwptGetDirtyBitmap',
  'ioasUnmap',
  'vfioUnmapDma',
  'hwptInvalidate',
];

describe('the sensible calls in a world', () => {
  it.each([oneVsmmu, mixedHost])('are all that the generator makes for machines in $name', (scope) => {
    const draw = draws();
    const missing = new Set<string>();
    for (const steps of [0, 12]) {
      const { world, bindings } = executionAfter(scope, steps, draw);
      const known = new Set(sensibleCalls(scope, world, bindings).all.map(callKey));
      for (let n = 0; n < 150; n++) {
        const call = generateCall(scope, world, bindings, draw);
        if (!known.has(callKey(call)) && !MANY_FORMS.includes(call.command)) missing.add(callKey(call));
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('are all that the generator makes for a process, but for its mistakes', () => {
    const draw = draws();
    // The draw that decides whether a call is to be wrong is the only one among a hundred.
    const meant: Draw = (bound) => (bound === 100 ? 99 : draw(bound));
    const missing = new Set<string>();
    for (const steps of [0, 8]) {
      const { world, bindings } = executionAfter(oneSmmu, steps, draw);
      const known = new Set(sensibleCalls(oneSmmu, world, bindings).all.map(callKey));
      for (let n = 0; n < 150; n++) {
        const call = generateCall(oneSmmu, world, bindings, meant);
        if (!known.has(callKey(call)) && !MANY_FORMS.includes(call.command)) missing.add(callKey(call));
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('are the same each time they are asked for', () => {
    const { world, bindings } = executionAfter(oneSmmu, 3, draws());
    expect(sensibleCalls(oneSmmu, world, bindings)).toEqual(sensibleCalls(oneSmmu, world, bindings));
  });
});
