import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULTS } from '../../checker/defaults.ts';
import type { Source } from '../../checker/random/engine.ts';
import { turnAt, turnsOf } from '../../checker/random/turns.ts';
import { worktime } from '../../checker/watchdog.ts';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { Altered, MOST_ALTERED } from './altered.ts';
import type { DesignRuns, PlannedRun, Reach, Replayed } from './plan.ts';
import { pathOf, RECORDED, REPLAYED_UNDER, recordingsIn } from './recordings.ts';
import { digestOf, parts, Runs, rulesOf } from './stages.ts';

/** What the instrumented code counts, and makes as it is loaded. */
interface Counted {
  currentTestId?: string | undefined;
  mutantCoverage?: { static: Counts; perTest: Record<string, Counts> };
}
type Counts = Readonly<Record<string, number>>;

const counted = (globalThis as unknown as { readonly __stryker__: Counted }).__stryker__;

/** What is reached while something is done, by the numbers of mutants. */
async function reachedBy<T>(
  doing: () => T | Promise<T>,
): Promise<{ readonly ids: readonly string[]; readonly value: T }> {
  counted.currentTestId = 'now';
  const value = await doing();
  const coverage = counted.mutantCoverage;
  const { now = {} } = coverage?.perTest ?? {};
  if (coverage !== undefined) coverage.perTest = {};
  return { ids: Object.keys(now), value };
}

interface Lists {
  readonly designs: Record<string, number[]>;
  readonly replayed: number[];
  readonly counterexamples: number[];
}

/** Mutants, and by which of a list they are reached. */
class ReachedBy {
  readonly #of = new Map<string, Lists>();

  of(id: string): Lists {
    const known = this.#of.get(id);
    if (known !== undefined) return known;
    const lists: Lists = { designs: {}, replayed: [], counterexamples: [] };
    this.#of.set(id, lists);
    return lists;
  }

  run(id: string, design: string, at: number): void {
    const { designs } = this.of(id);
    const runs = designs[design] ?? [];
    runs.push(at);
    designs[design] = runs;
  }

  get all(): Reach['mutants'] {
    return Object.fromEntries(this.#of);
  }
}

function append(lists: Map<string, number[]>, name: string, at: number): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [at]);
  else list.push(at);
}

/** The runs of a check, in its order. */
function runsOf(selector: string, runs: number): readonly PlannedRun[] {
  const rules = rulesOf(selector);
  const sources = SCOPES.map(
    (scope): Source => ({ setting: { scope, rules }, generate: generateCall, steps: DEFAULTS.steps }),
  );
  const turns = turnsOf(sources, DEFAULTS.seed);
  return Array.from({ length: runs }, (_, run): PlannedRun => {
    const turn = turnAt(turns, run);
    return [SCOPES[turn?.source ?? 0]?.name ?? '', turn?.nth ?? 0];
  });
}

/** What each run reaches. A run that violates a property is made again without it, so that all are whole. */
async function designReach(
  selector: string,
  runs: number,
  lists: ReachedBy,
  seen: Map<string, number[]>,
): Promise<DesignRuns> {
  const planned = runsOf(selector, runs);
  const violated: string[] = [];
  let made = new Runs(selector, violated);
  for (const [at, run] of planned.entries()) {
    for (;;) {
      const { ids, value } = await reachedBy(() => made.make(run));
      if (value.violated.length === 0) {
        for (const id of ids) lists.run(id, selector, at);
        for (const each of value.seen) append(seen, each, at);
        break;
      }
      if (selector === '') throw new Error(`${value.violated[0]?.id} is violated without a mutant`);
      violated.push(...value.violated.map(({ id }) => id));
      made = new Runs(selector, violated);
    }
  }
  return { runs: planned, violated };
}

/** Every design of one axis alone, and what was recorded. */
function otherDesigns(): readonly string[] {
  const single = DESIGN_AXES.flatMap(({ name, values }) =>
    values.slice(1).map((value) => `${name}=${value.name}`),
  );
  return [...single, RECORDED];
}

/** A larger recording is replayed as it was recorded, and under no other design. */
const MOST_BYTES = 128 * 1024;

/** The recordings, and how many bytes each has: what is altered is altered where that takes least. */
async function smallestFirst(
  folder: string,
): Promise<readonly { readonly file: string; readonly size: number }[]> {
  const files = await Promise.all(
    (await recordingsIn(folder)).map(async (file) => ({ file, size: (await stat(join(folder, file))).size })),
  );
  return files.sort((a, b) => a.size - b.size || (a.file < b.file ? -1 : 1));
}

/** What there is to try mutants with, and what of it gets to which. `runs`: of a check, and of one under another design. */
export async function reach(
  root: string,
  runs: { readonly intended: number; readonly other: number },
): Promise<Reach> {
  const lists = new ReachedBy();
  const seen = new Map<string, number[]>();
  const designs: Record<string, DesignRuns> = { '': await designReach('', runs.intended, lists, seen) };
  for (const selector of otherDesigns())
    designs[selector] = await designReach(selector, runs.other, lists, new Map());
  const folder = join(root, 'conformance/recordings');
  const properties = PROPERTIES.map(({ id }) => id);
  const replayed: Replayed[] = [];
  const replay = async (what: Pick<Replayed, 'file' | 'copy' | 'design'>): Promise<void> => {
    const before = worktime();
    const { ids, value: digest } = await reachedBy(() =>
      digestOf(pathOf(root, what), what.design, properties),
    );
    for (const id of ids) lists.of(id).replayed.push(replayed.length);
    replayed.push({ ...what, digest, takes: worktime() - before });
  };
  const altered = new Altered(root);
  for (const { file, size } of await smallestFirst(folder)) {
    for (const design of size > MOST_BYTES ? [RECORDED] : REPLAYED_UNDER)
      await replay({ file, copy: null, design });
    const copies = size > MOST_ALTERED ? 0 : await altered.copiesOf(folder, file);
    for (let copy = 0; copy < copies; copy++) await replay({ file, copy, design: RECORDED });
  }
  const names = await readdir(join(root, 'counterexamples'), { recursive: true });
  const counterexamples = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join('counterexamples', name));
  for (const [at, path] of counterexamples.entries()) {
    const { ids, value: parted } = await reachedBy(() => parts(root, path));
    if (parted) throw new Error(`${path} is not replayed without a mutant`);
    for (const id of ids) lists.of(id).counterexamples.push(at);
  }
  return {
    properties,
    designs,
    seen: Object.fromEntries(seen),
    replayed,
    counterexamples,
    mutants: lists.all,
    loaded: Object.keys(counted.mutantCoverage?.static ?? {}),
  };
}
