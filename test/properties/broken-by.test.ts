import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appliesTo } from '../../checker/applicable.ts';
import { Monitor } from '../../checker/monitor.ts';
import { exploreSome, type Source, type Start } from '../../checker/random/engine.ts';
import { firstFound } from '../../checker/random/first-found.ts';
import { runSeed } from '../../checker/random/seed.ts';
import { NOTHING, watchOf } from '../../checker/watch.ts';
import { DECISION_POINTS } from '../../model/decision-points.ts';
import { composeRules, intended, type Override } from '../../model/rules.ts';
import { OVERRIDES } from '../../overrides/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { committedCounterexamples, ROOT } from '../../tools/committed.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { sweep } from '../support/sweep.ts';

const STEPS = 60;

/** The first of many runs that violates a property under an override; null if none does. */
function firstViolation(property: Property, override: Override, runs: number): number | null {
  const rules = composeRules([override]);
  const watch = watchOf([property]);
  const monitor = new Monitor([property]);
  const scopes = SCOPES.filter((scope) => appliesTo(property, scope));
  const startOf = (run: number): Start => {
    const scope = scopes[run % scopes.length] as Scope;
    const source: Source = { setting: { scope, rules }, generate: generateCall, steps: STEPS };
    return { source, seed: runSeed(1, scope.name, Math.floor(run / scopes.length)), watch };
  };
  return firstFound(runs, startOf, monitor)?.run ?? null;
}

describe('under the intended rules', () => {
  it('every property holds', async () => {
    const argv = ['check', '--runs', '300', '--seed', '1', '--json'];
    // In so few runs not every witness is reached, which is no success.
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(ROOT, 'dist/bundle/cli.js'),
      ...argv,
    ]).catch((error) => error);
    const { properties } = JSON.parse(stdout);
    expect(properties.filter((each: { verdict: string }) => each.verdict === 'violated')).toEqual([]);
    expect(properties).toHaveLength(PROPERTIES.length);
  });

  it('every witness is reached', () => {
    const ids = PROPERTIES.map(({ id }) => id);
    const scopes = SCOPES.map((scope) => ({
      source: { setting: { scope, rules: intended }, generate: generateCall, steps: STEPS },
      properties: PROPERTIES.filter((property) => appliesTo(property, scope)),
    }));
    const never = sweep('witnesses of properties', ids, 200 * scopes.length, (place, missing) => {
      const at = scopes[place % scopes.length] as (typeof scopes)[number];
      const looked = at.properties.filter(({ id }) => missing.has(id));
      if (looked.length === 0) return [];
      const seed = runSeed(1, at.source.setting.scope.name, Math.floor(place / scopes.length));
      const monitor = new Monitor(looked);
      exploreSome([{ source: at.source, seed, watch: NOTHING }], monitor);
      return looked.filter((property) => monitor.witnessOf(property) !== null).map(({ id }) => id);
    });
    expect(never).toEqual([]);
  });
});

describe('every property can fail:', async () => {
  const committed = new Set((await committedCounterexamples()).map(({ path }) => path));
  const shown = (property: Property): boolean =>
    committed.has(`counterexamples/${property.brokenBy}/${property.id}.json`);
  const pairs = PROPERTIES.map((property) => [property.brokenBy, property.id, property] as const);

  // test/counterexamples replays the trace, which is of that override alone.
  it.each(pairs.filter(([, , property]) => shown(property)))('%s breaks %s in a committed trace', (name) => {
    expect(OVERRIDES.map((override) => override.name)).toContain(name);
  });

  // An override that shows only without the others of its axis has no trace that a command line can select.
  it.each(pairs.filter(([, , property]) => !shown(property)))(
    '%s breaks %s in a random run',
    (name, _id, property) => {
      const override = OVERRIDES.find((each) => each.name === name);
      if (override === undefined) throw new Error(`there is no override ${name}`);
      expect(firstViolation(property, override, 1500)).not.toBeNull();
    },
  );

  it('in a committed trace', () => {
    expect(PROPERTIES.filter((property) => !shown(property)).map(({ id }) => id)).toEqual([]);
  });
});

describe('every override', () => {
  it('has a name of its own', () => {
    const names = OVERRIDES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('overrides only what is a decision point', () => {
    const points = new Set(DECISION_POINTS.map(({ path }) => path));
    for (const { name, rules } of OVERRIDES) {
      expect(
        Object.entries(rules).flatMap(([machine, own]) =>
          Object.keys(own)
            .map((point) => `${machine}.${point}`)
            .filter((path) => !points.has(path)),
        ),
        name,
      ).toEqual([]);
    }
  });
});
