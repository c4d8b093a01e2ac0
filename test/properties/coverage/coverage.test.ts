import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../properties/coverage/outcome.ts';
import { OUTCOMES } from '../../../properties/coverage/outcomes.ts';
import { UNREACHABLE, unreachableOn } from '../../../properties/coverage/unreachable.ts';
import type { UapiName } from '../../../properties/generator/move.ts';
import type { Scope } from '../../../properties/scopes/scope.ts';
import { drawsFrom, PROCESS_SCOPES, randomRun } from '../generator/random-run.ts';

const STEPS_OF_A_RUN = 80;

/** Runs after which the rarest outcome of every scope has long been seen. */
const MAX_RUNS = 6000;

function declared(): Set<string> {
  return new Set(
    Object.entries(OUTCOMES).flatMap(([command, outcomes]) =>
      Object.keys(outcomes).map((outcome) => `${command} ${outcome}`),
    ),
  );
}

/** What random runs on a scope end in, up to the run that completes what is expected. */
function explored(scope: Scope, expected: ReadonlySet<string>): Set<string> {
  const seen = new Set<string>();
  const draw = drawsFrom(PROCESS_SCOPES.indexOf(scope) + 1);
  for (let run = 0; run < MAX_RUNS; run++) {
    for (const { call, result } of randomRun(scope, draw, STEPS_OF_A_RUN)) {
      // Calls in two halves and devices that fire are not of the user API, which the table is about.
      if (Object.hasOwn(OUTCOMES, call.command)) seen.add(`${call.command} ${outcomeOf(result)}`);
    }
    if (seen.size >= expected.size && [...expected].every((pair) => seen.has(pair))) break;
  }
  return seen;
}

describe('the outcomes of commands', () => {
  it.each(PROCESS_SCOPES)(
    'on $name: random runs reach every declared one that is reachable, and no other',
    (scope) => {
      const expected = declared();
      for (const { command, outcome } of unreachableOn(scope.platform))
        expected.delete(`${command} ${outcome}`);
      expect([...explored(scope, expected)].sort()).toEqual([...expected].sort());
    },
  );

  it('lists as unreachable only what is declared', () => {
    const pairs = declared();
    expect(UNREACHABLE.filter(({ command, outcome }) => !pairs.has(`${command} ${outcome}`))).toEqual([]);
  });

  it('are reachable in some scope, but for two that no platform here can show', () => {
    const everywhere = UNREACHABLE.filter((each) =>
      PROCESS_SCOPES.every(({ platform }) => each.on(platform)),
    );
    expect(everywhere.map(({ command, outcome }) => `${command} ${outcome}`)).toEqual([
      'hwptAlloc ENOSPC',
      'viommuAlloc ENOSPC',
    ]);
  });

  it('say in words what each is', () => {
    const wordless = (Object.keys(OUTCOMES) as UapiName[]).filter((command) =>
      Object.values(OUTCOMES[command]).some((text) => text.length < 10),
    );
    expect(wordless).toEqual([]);
  });
});
