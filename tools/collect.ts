import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appliesTo } from '../checker/applicable.ts';
import { DEFAULTS } from '../checker/defaults.ts';
import { readTraceFile, writeTraceFile } from '../checker/files.ts';
import { kills } from '../checker/measure/hunt.ts';
import { isOneMinimal } from '../checker/one-minimal.ts';
import { counterexample, showsViolation } from '../checker/random/engine.ts';
import { recordTrace, type Selection } from '../checker/record.ts';
import { replayTrace } from '../checker/replay.ts';
import type { Trace } from '../checker/trace/trace.ts';
import type { Call } from '../model/call.ts';
import { composeRules, intended, type Rules } from '../model/rules.ts';
import { generateCall } from '../workload/generator/generate.ts';
import { SCOPES, scopeByName } from '../workload/scopes/index.ts';
import { ROOT } from './committed.ts';
import { designOf, selectionWith, type Wanted, wanted } from './wanted.ts';

/*
 * npm run counterexamples [-- PROPERTY…]: a minimal trace of every property under the override that must break it, of every defect under the
 * property that must find it, into counterexamples/<override>/<property>.json. A committed trace that still shows what it
 * is to show, and is still minimal, is left as it is.
 */

/** Runs after which an override is given up. */
const MOST_RUNS = 4 * DEFAULTS.runs;

async function committed(path: string): Promise<Trace | null> {
  return existsSync(path) ? readTraceFile(path) : null;
}

/** Whether a trace is of this override alone, under the rules that it names, and minimal. */
async function stillShows(trace: Trace, { override, property }: Wanted): Promise<boolean> {
  const scope = scopeByName(trace.scope);
  if (scope === undefined) return false;
  const calls = trace.steps.map(({ result: _, ...call }) => call);
  const { rules } = await selectionWith(override);
  const setting = { scope, rules, properties: [property] };
  return (
    isOf({ override, property }, calls, trace.scope) &&
    replayTrace(trace, setting) === null &&
    isOneMinimal(trace, setting)
  );
}

/** Whether the override by itself breaks the property with the last of these calls, and the intended rules do not. */
function isOf({ override, property }: Wanted, calls: readonly Call[], scopeName: string): boolean {
  const scope = scopeByName(scopeName);
  if (scope === undefined) return false;
  const alone = showsViolation({ scope, rules: composeRules([override]) }, property);
  const without = showsViolation({ scope, rules: intended }, property);
  return alone(calls) === calls.length && without(calls) === null;
}

/**
 * The first minimal trace that random runs find under the override alone and that whoever selects it sees too, among the
 * other overrides of its axis; where there is none, the other way round.
 */
async function find(pair: Wanted): Promise<Trace | null> {
  const selection = await selectionWith(pair.override);
  const alone = composeRules([pair.override]);
  return (
    (await findUnder(alone, selection.rules, pair, selection)) ??
    (await findUnder(selection.rules, alone, pair, selection))
  );
}

async function findUnder(
  rules: Rules,
  others: Rules,
  pair: Wanted,
  selection: Selection,
): Promise<Trace | null> {
  const { property } = pair;
  const runs = {
    rules,
    scopes: SCOPES.filter((scope) => appliesTo(property, scope)),
    properties: [property],
    generate: generateCall,
    seed: DEFAULTS.seed,
    steps: DEFAULTS.steps,
  };
  const [found] = kills(runs, () => MOST_RUNS);
  if (found === undefined) return null;
  const { scope } = found.source.setting;
  const calls = counterexample(found.source, found.seed, property);
  if (showsViolation({ scope, rules: others }, property)(calls) !== calls.length) return null;
  const trace = recordTrace(scope, selection, calls, { property, guarantee: '1-minimal' });
  return (await stillShows(trace, pair)) ? trace : null;
}

/** Properties to collect for; none: for all. */
const asked = new Set(process.argv.slice(2));

for (const pair of wanted()) {
  if (asked.size > 0 && !asked.has(pair.property.id)) continue;
  const folder = join(ROOT, 'counterexamples', pair.override.name);
  const path = join(folder, `${pair.property.id}.json`);
  const before = await committed(path);
  if (before !== null && (await stillShows(before, pair))) continue;
  const design = designOf(pair.override);
  // Shown of the whole design, where that takes several of its overrides.
  if (
    before === null &&
    design !== null &&
    existsSync(join(ROOT, 'counterexamples', design, `${pair.property.id}.json`))
  )
    continue;
  const trace = await find(pair);
  if (trace === null) {
    process.stdout.write(`${pair.override.name}/${pair.property.id}: not found\n`);
    process.exitCode = 1;
    continue;
  }
  await mkdir(folder, { recursive: true });
  await writeTraceFile(path, trace);
  process.stdout.write(`${pair.override.name}/${pair.property.id}: ${trace.steps.length} commands\n`);
}
