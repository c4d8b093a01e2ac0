import { describe, expect, it } from 'vitest';
import { LEGACY_OUTCOMES } from '../../../workload/coverage/legacy-outcomes.ts';
import { type Outcomes, outcomeOf } from '../../../workload/coverage/outcome.ts';
import { OUTCOMES } from '../../../workload/coverage/outcomes.ts';
import { UNREACHABLE, unreachableOn } from '../../../workload/coverage/unreachable.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';
import { sweep } from '../../support/sweep.ts';
import { CONTAINER_SCOPES, drawsFrom, PROCESS_SCOPES, randomRun } from '../generator/random-run.ts';

const STEPS_OF_A_RUN = 80;

/** Runs of every scope, in which nothing but what is declared and reachable there may end a command. */
const RUNS = 40;

/** Runs after which the rarest outcome has long been seen. */
const MAX_RUNS = 6000;

type Table = Readonly<Record<string, Outcomes>>;

/** The tables, each with the scopes whose commands it is of. */
const TABLES: readonly (readonly [string, Table, readonly Scope[]])[] = [
  ['processes with iommufd', OUTCOMES, PROCESS_SCOPES],
  ['processes with old containers', LEGACY_OUTCOMES, CONTAINER_SCOPES],
];

function declared(table: Table): Set<string> {
  return new Set(
    Object.entries(table).flatMap(([command, outcomes]) =>
      Object.keys(outcomes).map((outcome) => `${command} ${outcome}`),
    ),
  );
}

describe.each(TABLES)('the outcomes of commands of %s', (name, table, scopes) => {
  const seen = new Map<Scope, Set<string>>();

  /** What some runs on a scope end in, from one on. Calls in two halves and devices that fire are not of the user API. */
  function ended(scope: Scope, from: number, runs: number): Set<string> {
    const pairs = new Set<string>();
    for (let run = from; run < from + runs; run++) {
      const draw = drawsFrom(run + 1 + MAX_RUNS * scopes.indexOf(scope));
      for (const { call, result } of randomRun(scope, draw, STEPS_OF_A_RUN))
        if (Object.hasOwn(table, call.command)) pairs.add(`${call.command} ${outcomeOf(result)}`);
    }
    return pairs;
  }

  function reachableOn(scope: Scope): Set<string> {
    const pairs = declared(table);
    for (const { command, outcome } of unreachableOn(scope.platform)) pairs.delete(`${command} ${outcome}`);
    return pairs;
  }

  it.each(scopes)('on $name are declared and reachable', (scope) => {
    const pairs = ended(scope, 0, RUNS);
    seen.set(scope, pairs);
    const reachable = reachableOn(scope);
    expect([...pairs].filter((pair) => !reachable.has(pair))).toEqual([]);
  });

  it('are all reached, where they are reachable at all', () => {
    const missing = new Set(scopes.flatMap((scope) => [...reachableOn(scope)]));
    for (const pairs of seen.values()) for (const pair of pairs) missing.delete(pair);
    const rarest = sweep(`outcomes of ${name}`, missing, MAX_RUNS, (place, wanted) => {
      const scope = scopes[place % scopes.length] as Scope;
      const reachable = reachableOn(scope);
      // The first runs were made above.
      const run = RUNS + Math.floor(place / scopes.length);
      return [...wanted].some((pair) => reachable.has(pair)) ? ended(scope, run, 1) : [];
    });
    expect(rarest).toEqual([]);
  });

  it('say in words what each is', () => {
    const wordless = Object.keys(table).filter((command) =>
      Object.values(table[command] ?? {}).some((text) => text.length < 8),
    );
    expect(wordless).toEqual([]);
  });
});

describe('what is called unreachable', () => {
  it('is declared', () => {
    const pairs = new Set(TABLES.flatMap(([, table]) => [...declared(table)]));
    expect(UNREACHABLE.filter(({ command, outcome }) => !pairs.has(`${command} ${outcome}`))).toEqual([]);
  });

  it('is reachable in some scope, but for these that no generated run can show', () => {
    const everywhere = TABLES.flatMap(([, table, scopes]) =>
      UNREACHABLE.filter(
        (each) => Object.hasOwn(table, each.command) && scopes.every(({ platform }) => each.on(platform)),
      ),
    );
    expect(everywhere.map(({ command, outcome }) => `${command} ${outcome}`)).toEqual([
      'hwQueueAlloc ok',
      'hwQueueAlloc EEXIST',
      'hwQueueAlloc EIO',
      'hwQueueAlloc EFAULT',
      'hwQueueAlloc EADDRINUSE',
      'hwptAlloc ENOSPC',
      'viommuAlloc ENOSPC',
      'containerMapDma EOVERFLOW',
      'containerUnmapDma EOVERFLOW',
    ]);
  });
});
