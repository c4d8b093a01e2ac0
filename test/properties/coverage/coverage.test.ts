import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../properties/coverage/outcome.ts';
import { OUTCOMES } from '../../../properties/coverage/outcomes.ts';
import { UNREACHABLE, unreachableOn } from '../../../properties/coverage/unreachable.ts';
import type { UapiName } from '../../../properties/generator/move.ts';
import type { Scope } from '../../../properties/scopes/scope.ts';
import { drawsFrom, PROCESS_SCOPES, randomRun } from '../generator/random-run.ts';

const STEPS_OF_A_RUN = 80;

/** Runs of every scope, in which nothing but what is declared and reachable there may end a command. */
const RUNS = 150;

/** Runs after which the rarest outcome has long been seen. */
const MAX_RUNS = 6000;

function declared(): Set<string> {
  return new Set(
    Object.entries(OUTCOMES).flatMap(([command, outcomes]) =>
      Object.keys(outcomes).map((outcome) => `${command} ${outcome}`),
    ),
  );
}

/** What some runs on a scope end in, from one on. Calls in two halves and devices that fire are not of the user API. */
function ended(scope: Scope, from: number, runs: number): Set<string> {
  const seen = new Set<string>();
  for (let run = from; run < from + runs; run++) {
    const draw = drawsFrom(run + 1 + MAX_RUNS * PROCESS_SCOPES.indexOf(scope));
    for (const { call, result } of randomRun(scope, draw, STEPS_OF_A_RUN))
      if (Object.hasOwn(OUTCOMES, call.command)) seen.add(`${call.command} ${outcomeOf(result)}`);
  }
  return seen;
}

function reachableOn(scope: Scope): Set<string> {
  const pairs = declared();
  for (const { command, outcome } of unreachableOn(scope.platform)) pairs.delete(`${command} ${outcome}`);
  return pairs;
}

describe('the outcomes of commands', () => {
  const seen = new Map<Scope, Set<string>>();

  it.each(PROCESS_SCOPES)('on $name are declared and reachable', (scope) => {
    const pairs = ended(scope, 0, RUNS);
    seen.set(scope, pairs);
    const reachable = reachableOn(scope);
    expect([...pairs].filter((pair) => !reachable.has(pair))).toEqual([]);
  });

  it('are all reached, where they are reachable at all', () => {
    const missing = new Set(PROCESS_SCOPES.flatMap((scope) => [...reachableOn(scope)]));
    for (const pairs of seen.values()) for (const pair of pairs) missing.delete(pair);
    for (let from = RUNS; from < MAX_RUNS && missing.size > 0; from += RUNS) {
      const where = PROCESS_SCOPES.filter((scope) =>
        [...missing].some((pair) => reachableOn(scope).has(pair)),
      );
      const scope = where[(from / RUNS) % where.length];
      if (scope === undefined) break;
      for (const pair of ended(scope, from, RUNS)) missing.delete(pair);
    }
    expect([...missing]).toEqual([]);
  });

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
