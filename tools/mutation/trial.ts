import { join } from 'node:path';
import { DEFAULTS } from '../../checker/defaults.ts';
import { kills, type Runs } from '../../checker/measure/hunt.ts';
import type { Source } from '../../checker/random/engine.ts';
import { turnAt, turnsOf } from '../../checker/random/turns.ts';
import { conformFile } from '../../conformance/index.ts';
import { intended } from '../../model/rules.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { recordedDesign, recordingsIn } from './recordings.ts';

/*
 * Runs inside the mutated bundle, in a process of its own: one mutant is switched on by the environment before anything is
 * loaded. Which runs and recordings get to it was seen before; the others would answer as ever.
 *
 *   trial.js reach RUNS FOLDER               what gets to which mutant, and how many answers of each recording agree
 *   trial.js runs RUNS SCOPE…                the first property that is violated
 *   trial.js recordings FOLDER FILE=AGREED…  the first recording of which another number of answers agrees
 */

/** What the instrumented code counts, and makes as it is loaded. */
interface Counted {
  currentTestId?: string | undefined;
  mutantCoverage?: { static: Counts; perTest: Record<string, Counts> };
}
type Counts = Readonly<Record<string, number>>;

/** Who gets to which mutant, by its number. */
export interface Reach {
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  readonly recordings: Readonly<Record<string, readonly string[]>>;
  /** What runs as the modules are loaded. */
  readonly loaded: readonly string[];
  /** Answers that agree without a mutant, by recording. */
  readonly agreed: Readonly<Record<string, number>>;
}

const counted = (globalThis as unknown as { readonly __stryker__: Counted }).__stryker__;

const ALL: Omit<Runs, 'scopes'> = {
  rules: intended,
  properties: PROPERTIES,
  generate: generateCall,
  seed: DEFAULTS.seed,
  steps: DEFAULTS.steps,
};

/** Of so many runs of a whole check, those that these scopes have: the same runs. */
function runsOf(scopes: readonly Scope[], runs: number): number {
  const sources = SCOPES.map(
    (scope): Source => ({ setting: { scope, rules: ALL.rules }, generate: ALL.generate, steps: ALL.steps }),
  );
  const turns = turnsOf(sources, ALL.seed);
  let mine = 0;
  for (let run = 0; run < runs; run++) {
    const scope = SCOPES[turnAt(turns, run)?.source ?? 0];
    if (scope !== undefined && scopes.includes(scope)) mine++;
  }
  return mine;
}

function firstKill(scopes: readonly Scope[], runs: number): string | null {
  const limit = runsOf(scopes, runs);
  const { value, done } = kills({ ...ALL, scopes }, () => limit).next();
  return done === true ? null : value.property.id;
}

/** A mutant may make the replay throw: it does not give the answers then. */
async function parts(folder: string, files: readonly string[]): Promise<string | null> {
  const design = recordedDesign();
  for (const each of files) {
    const [file = '', agreed] = each.split('=');
    const report = await conformFile(join(folder, file), design).catch(() => null);
    if (report?.agreed !== Number(agreed)) return file;
  }
  return null;
}

async function reach(runs: number, folder: string): Promise<Reach> {
  for (const scope of SCOPES) {
    counted.currentTestId = scope.name;
    const killed = firstKill([scope], runs);
    if (killed !== null) throw new Error(`${scope.name}: ${killed} is violated without a mutant`);
  }
  const design = recordedDesign();
  const agreed: Record<string, number> = {};
  for (const file of await recordingsIn(folder)) {
    counted.currentTestId = file;
    agreed[file] = (await conformFile(join(folder, file), design)).agreed;
  }
  const { perTest = {}, static: loaded = {} } = counted.mutantCoverage ?? {};
  const ids = (counts: Counts | undefined): readonly string[] => Object.keys(counts ?? {});
  return {
    scopes: Object.fromEntries(SCOPES.map(({ name }) => [name, ids(perTest[name])])),
    recordings: Object.fromEntries(Object.keys(agreed).map((file) => [file, ids(perTest[file])])),
    loaded: ids(loaded),
    agreed,
  };
}

const [what, first = '', ...rest] = process.argv.slice(2);

async function answer(): Promise<unknown> {
  if (what === 'reach') return reach(Number(first), rest[0] ?? '');
  if (what === 'recordings') return parts(first, rest);
  return firstKill(
    SCOPES.filter(({ name }) => rest.includes(name)),
    Number(first),
  );
}

process.stdout.write(`${JSON.stringify(await answer())}\n`);
