import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { appliesTo } from '../../checker/applicable.ts';
import { DEFAULTS } from '../../checker/defaults.ts';
import { readTraceFile } from '../../checker/files.ts';
import { Monitor } from '../../checker/monitor.ts';
import { explore } from '../../checker/random/engine.ts';
import { runSeed } from '../../checker/random/seed.ts';
import { replayTrace } from '../../checker/replay.ts';
import { selectNamed } from '../../checker/select/axes.ts';
import { watchOf } from '../../checker/watch.ts';
import { conformFile, judge, type Kept, type KeptCommand } from '../../conformance/index.ts';
import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import { resolveDesign } from '../../overrides/index.ts';
import { CALLS_PROPERTIES } from '../../properties/calls/index.ts';
import { ALL_PROPERTIES, PROPERTIES, type Property } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { scopeByName } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import type { PlannedRun } from './plan.ts';

export function overridesOf(selector: string): readonly Override[] {
  const design = resolveDesign(selector === '' ? [] : [selector]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

export function rulesOf(selector: string): Rules {
  return composeRules(overridesOf(selector));
}

function scopeNamed(name: string): Scope {
  const scope = scopeByName(name);
  if (scope === undefined) throw new Error(`no scope '${name}'`);
  return scope;
}

/** What came of a run. */
export interface Made {
  /** The properties that it violates. */
  readonly violated: readonly Property[];
  /** The properties whose witness it reaches, and the commands that were not refused, such as `ioasMap ok`. */
  readonly seen: readonly string[];
}

/** Makes runs of a check. */
export class Runs {
  readonly #rules: Rules;
  readonly #without: ReadonlySet<string>;
  readonly #applying = new Map<string, readonly Property[]>();

  constructor(selector: string, without: readonly string[]) {
    this.#rules = rulesOf(selector);
    this.#without = new Set(without);
  }

  make([name, nth]: PlannedRun): Made {
    const scope = scopeNamed(name);
    const applying =
      this.#applying.get(name) ??
      PROPERTIES.filter((each) => !this.#without.has(each.id) && appliesTo(each, scope));
    this.#applying.set(name, applying);
    const source = { setting: { scope, rules: this.#rules }, generate: generateCall, steps: DEFAULTS.steps };
    const monitor = new Monitor(applying);
    const found = explore(source, runSeed(DEFAULTS.seed, name, nth), watchOf(applying), monitor);
    return { violated: found.map(({ property }) => property), seen: seenBy(monitor) };
  }
}

function seenBy(monitor: Monitor): readonly string[] {
  const { coverage, witnesses } = monitor.state();
  const taken = Object.entries(coverage).flatMap(([command, { ok = 0 }]) =>
    ok > 0 ? [`${command} ok`] : [],
  );
  return [...Object.keys(witnesses), ...taken];
}

/** Commands of a recording that is held to the properties of a VMM's calls, and of one that is held to all. */
const MOST_JUDGED = 2_000;
const MOST_JUDGED_BY_ALL = 150;

/**
 * The report on a recording, in short: the answers that agree, and all else that it says; and what these properties say of it. A mutant
 * may make it throw.
 */
export async function digestOf(
  path: string,
  selector: string,
  properties: readonly string[],
): Promise<string> {
  let kept: Kept | null = null;
  const report = await conformFile(path, overridesOf(selector), (place) => {
    const commands: KeptCommand[] = [];
    return {
      take: (command) => commands.push(command),
      end: () => {
        kept = { ...place, commands };
      },
    };
  }).catch((error: unknown) => ({ threw: String(error) }));
  return createHash('sha256')
    .update(JSON.stringify([report, verdictsOf(kept, properties)], (_, value) => plain(value)))
    .digest('hex')
    .slice(0, 16);
}

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** What properties say of a recording, and the least trace of each violation. */
function verdictsOf(kept: Kept | null, properties: readonly string[]): unknown {
  if (kept === null || kept.commands.length > MOST_JUDGED) return null;
  const few = kept.commands.length <= MOST_JUDGED_BY_ALL;
  const all = few ? PROPERTIES.filter(({ id }) => properties.includes(id)) : [];
  const judgements = judge(kept, [...CALLS_PROPERTIES, ...all], { design: {}, defects: [] });
  return judgements.map(({ property, ...what }) => ({ ...what, property: property.id }));
}

/** Whether a committed counterexample is not replayed any more, answer by answer and to its violation. */
export async function parts(root: string, path: string): Promise<boolean> {
  const trace = await readTraceFile(join(root, path));
  const axes = Object.entries(trace.design).map(([axis, value]) => `${axis}=${value}`);
  const { rules } = selectNamed(axes, trace.defects);
  const setting = { scope: scopeNamed(trace.scope), rules, properties: ALL_PROPERTIES };
  try {
    return replayTrace(trace, setting) !== null;
  } catch {
    return true;
  }
}
