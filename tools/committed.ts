import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTraceFile } from '../checker/files.ts';
import { selectRules } from '../checker/select/rules.ts';
import type { Trace } from '../checker/trace/trace.ts';
import { composeRules, type Override, type Rules } from '../model/rules.ts';
import { DESIGN_AXES, OVERRIDES } from '../overrides/index.ts';
import { ALL_PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import { scopeByName } from '../workload/scopes/index.ts';
import type { Scope } from '../workload/scopes/scope.ts';

/** The root of the repository, from the sources as from what is built of them. */
export const ROOT = (() => {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join('dist', 'tools')) ? join(here, '../..') : join(here, '..');
})();

/** A committed counterexample, and everything that its names stand for. */
export interface Committed {
  /** Path of the JSON file in the repository. */
  readonly path: string;
  /** Path of the page made from it. */
  readonly page: string;
  readonly trace: Trace;
  readonly scope: Scope;
  readonly rules: Rules;
  readonly property: Property;
  readonly override: Override;
}

let known: Promise<readonly Committed[]> | undefined;

/** Every `counterexamples/<override>/<property>.json`, sorted by path, as they were when it was first asked. */
export function committedCounterexamples(): Promise<readonly Committed[]> {
  known ??= readCounterexamples();
  return known;
}

async function readCounterexamples(): Promise<readonly Committed[]> {
  const folder = join(ROOT, 'counterexamples');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map((name) => load(join(folder, name))));
}

async function load(file: string): Promise<Committed> {
  const path = relative(ROOT, file);
  const trace = await readTraceFile(file);
  const axes = Object.entries(trace.design).map(([axis, value]) => `${axis}=${value}`);
  const { rules } = await selectRules(axes, trace.defects);
  const scope = scopeByName(trace.scope);
  const property = ALL_PROPERTIES.find(({ id }) => id === trace.property);
  const override = breakerOf(path.split('/')[1]);
  if (scope === undefined || property === undefined || override === undefined) {
    throw new Error(`${path} names a scope, a property or an override that there is not`);
  }
  return { path, page: path.replace(/\.json$/, '.md'), trace, scope, rules, property, override };
}

/** The folder of counterexamples to a value of an axis. */
export function designFolder(axis: string, value: string): string {
  return `${axis}-${value}`;
}

/** The same of a design that chooses on several axes, `kernel=linux-7.2,vmm=qemu-11`: their folders' names, joined. */
export function folderOfDesign(selector: string): string {
  return selector
    .split(',')
    .map((part) => designFolder(...(part.split('=') as [string, string])))
    .join('-');
}

/** What a folder of counterexamples is named after: an override, or a design (`vmm-qemu-11`) of which it takes several. */
function breakerOf(folder: string | undefined): Override | undefined {
  return OVERRIDES.find(({ name }) => name === folder) ?? designIn(folder);
}

const VALUES = DESIGN_AXES.flatMap((axis) => axis.values.map((value) => ({ axis: axis.name, ...value })));

/** Values of an axis, and of two of them, by folder. */
const WAYS = new Map(
  [...VALUES.flatMap((one) => VALUES.map((other) => [one, other])), ...VALUES.map((one) => [one])].map(
    (way) => [folderOfDesign(way.map(({ axis, name }) => `${axis}=${name}`).join(',')), way],
  ),
);

function designIn(folder: string | undefined): Override | undefined {
  const chosen = folder === undefined ? undefined : WAYS.get(folder);
  if (chosen === undefined || folder === undefined) return undefined;
  return {
    name: folder,
    kind: 'design',
    summary: chosen.map(({ summary }) => summary).join('; '),
    source: chosen.map(({ source }) => source).join('; '),
    rules: composeRules(chosen.flatMap(({ overrides }) => overrides)),
  };
}
