import { z } from 'zod';
import type { Override } from '../../model/rules.ts';
import { PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { DEFAULTS } from '../defaults.ts';
import { counterexample } from '../random/engine.ts';
import { selectRules } from '../select/rules.ts';
import { type Kill, kills, type Runs } from './hunt.ts';

/** The fixed seed, and three others. */
export const SEEDS = [1, 2, 3, 4] as const;

/** Runs after which the matrix is taken: what a property does not kill in these, it may in more. */
export const MATRIX_RUNS = 110;

const measured = z.object({
  defect: z.string(),
  /** The property that must find it. */
  property: z.string(),
  scope: z.string(),
  /** Commands of the minimal trace. */
  commands: z.number().int(),
  /** By seed: the run of a plain check that violates the property; null: none of its runs does. */
  runs: z.array(z.number().int().nullable()),
  /** CPU seconds of a check for the property alone, at the first seed, until the trace was minimal. */
  seconds: z.number(),
  /** Properties that it violates within `MATRIX_RUNS` runs of a plain check at the first seed. */
  kills: z.array(z.string()),
});

export const defectData = z.object({
  machine: z.string(),
  seeds: z.array(z.number().int()),
  matrixRuns: z.number().int(),
  defects: z.array(measured),
});

/** What was measured of a defect. */
export type MeasuredDefect = z.infer<typeof measured>;

export type DefectData = z.infer<typeof defectData>;

/** The property that must find a defect: the one that it names, else the one that names it. */
export function propertyOf({ name, foundBy }: Override): Property | undefined {
  return PROPERTIES.find(({ id, brokenBy }) => (foundBy === undefined ? brokenBy === name : id === foundBy));
}

/** A defect as a plain check finds it; null where no run at the first seed violates the property. */
export async function measureDefect(defect: Override): Promise<MeasuredDefect | null> {
  const property = propertyOf(defect);
  if (property === undefined) throw new Error(`no property is named to find ${defect.name}`);
  const selection = await selectRules([], [defect.name]);
  const runs = (seed: number, properties: readonly Property[]): Runs => ({
    rules: selection.rules,
    scopes: SCOPES,
    properties,
    generate: generateCall,
    seed,
    steps: DEFAULTS.steps,
  });
  const killed = new Set(
    [...kills(runs(SEEDS[0], PROPERTIES), () => MATRIX_RUNS)].map((kill) => kill.property),
  );
  const started = cpuSeconds();
  const found = first(kills(runs(SEEDS[0], [property]), () => DEFAULTS.runs));
  if (found === null) return null;
  const calls = counterexample(found.source, found.seed, property);
  const seconds = cpuSeconds() - started;
  const others = SEEDS.slice(1).map((seed) => first(kills(runs(seed, [property]), () => DEFAULTS.runs)));
  killed.add(property);
  const { scope } = found.source.setting;
  return {
    defect: defect.name,
    property: property.id,
    scope: scope.name,
    commands: calls.length,
    runs: [found, ...others].map((kill) => kill?.run ?? null),
    seconds: Math.round(seconds * 10) / 10,
    kills: PROPERTIES.filter((each) => killed.has(each)).map(({ id }) => id),
  };
}

function first(generator: Generator<Kill>): Kill | null {
  const { value, done } = generator.next();
  return done === true ? null : value;
}

function cpuSeconds(): number {
  return process.cpuUsage().user / 1e6;
}
