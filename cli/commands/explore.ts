import type { Command } from 'commander';
import { applicable } from '../../checker/applicable.ts';
import { Checkpoint } from '../../checker/explore/checkpoint.ts';
import { type ExploreReport, explore, isDecided } from '../../checker/explore/explore.ts';
import { identityOf } from '../../checker/explore/identity.ts';
import { exploreReportToJson } from '../../checker/explore/json.ts';
import type { SearchProgress } from '../../checker/explore/search.ts';
import { renderExploration } from '../../checker/explore/text.ts';
import { selectScopes } from '../../checker/platform/select.ts';
import type { Paint } from '../../checker/render/paint.ts';
import { renderText } from '../../checker/render/text.ts';
import type { Reported } from '../../checker/reporters/reported.ts';
import { selectGlobs, selectNames, unknownText } from '../../checker/select/by-name.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { type SelectedRules, selectRules } from '../../checker/select/rules.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import {
  EXPLORATIONS,
  explorationByName,
  explorationFor,
  whyUnexplored,
} from '../../workload/alphabet/index.ts';
import { isSliceName, SLICE, SLICE_NAMES } from '../../workload/scopes/attach-slice.ts';
import { scopeByName } from '../../workload/scopes/index.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { type ExitCode, exitOf } from '../exit.ts';
import { printJson } from '../json.ts';
import { addSelectors, duration, MAX_WORKERS, wholeNumber } from '../options.ts';
import { paintFor } from '../paint.ts';
import { type Selectors, selectorsAgain, underText } from '../repeat.ts';
import {
  addReportOptions,
  deliver,
  expectDeliverable,
  expectWritable,
  type ReportOptions,
} from '../reports.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface ExploreOptions extends Selectors, ReportOptions {
  readonly depth?: number;
  readonly maxStates?: number;
  readonly workers: number;
  readonly symmetry: boolean;
  readonly checkpoint?: string;
  readonly time?: number;
  readonly verbose?: true;
}

/** States of a scope; only where nothing else bounds the search. */
const MAX_STATES = 10_000;

/** `nestcheck explore` */
export function addExplore(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  const command = program
    .command('explore')
    .description('visit every state that bounded numbers of objects lead to, shortest traces first');
  addSelectors(addReportOptions(command))
    .option('--depth <n>', 'only traces of up to this many commands', wholeNumber(0))
    .option(
      '--max-states <n>',
      `begin no further level behind this many states of a scope (default: ${MAX_STATES} unless --depth, --checkpoint or --time is given)`,
      wholeNumber(1),
    )
    .option('--workers <n>', 'threads; the result does not depend on it', wholeNumber(1, MAX_WORKERS), 1)
    .option('--no-symmetry', 'tell interchangeable devices and objects apart')
    .option('--checkpoint <file>', 'go on from this file where it is there, and keep it up to date')
    .option('--time <duration>', 'stop after this long (default: no limit)', duration)
    .option('--verbose', 'also print how much of the interface was seen')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck explore --scope attach-slice:2,2,3 --property nesting-on-one-psmmu
  $ nestcheck explore --design kernel=linux-7.2 --scope one-smmu --depth 6
  $ nestcheck explore --scope one-smmu --checkpoint one-smmu.ckpt`,
    )
    .action(async (options: ExploreOptions) => {
      end(await runExplore(options, terminal));
    });
}

async function runExplore(options: ExploreOptions, terminal: Terminal): Promise<ExitCode> {
  const selection = await selectRules(options.design, options.defect);
  const explorations = await selectExplorations(options);
  const properties = selectProperties(options.property, selection, explorations);
  const { depth = null, time: timeLimit = null, symmetry, workers } = options;
  const isBounded = depth !== null || timeLimit !== null || options.checkpoint !== undefined;
  const maxStates = options.maxStates ?? (isBounded ? null : MAX_STATES);
  const plan = { explorations, properties, selection, symmetry, depth, maxStates, timeLimit, workers };
  const checkpoint =
    options.checkpoint === undefined ? null : new Checkpoint(options.checkpoint, identityOf(plan));
  await expectDeliverable(options);
  if (options.checkpoint !== undefined) await expectWritable(options.checkpoint);
  const interrupt = new AbortController();
  const ignoreInterrupts = terminal.onInterrupt(() => interrupt.abort());
  const spinner = await spinnerOn(terminal, 'exploring');
  try {
    const report = await explore(plan, {
      signal: interrupt.signal,
      onProgress: (progress) => {
        if (spinner !== null) spinner.text = progressText(progress);
      },
      ...(checkpoint === null ? {} : { checkpoint }),
    });
    spinner?.stop();
    if (options.json) printJson(terminal, 'explore', exploreReportToJson(report));
    else terminal.stdout.write(`${textOf(report, explorations, selection, options, paintFor(terminal))}\n`);
    await deliver(reportedOf(report, explorations, selection, repeatLine(options)), options, terminal);
    return exitOf(report.verdict);
  } finally {
    spinner?.stop();
    ignoreInterrupts();
  }
}

/** Names that can be asked for. */
const EXPLORED: readonly string[] = [...EXPLORATIONS.map(({ scope }) => scope.name), SLICE];

/**
 * Explorations by name, and attach slices of any size (`attach-slice:2,2,3`); without names, all but the slice.
 * @throws UsageError where there is no exploration of a name.
 */
async function selectExplorations(options: ExploreOptions): Promise<readonly Exploration[]> {
  const slices = new Map<string, Exploration>();
  const canonical = options.scope.map((name) => {
    if (!isSliceName(name)) {
      const scope = scopeByName(name);
      if (scope === undefined) throw new UsageError(unknownText('scope', name, EXPLORED));
      if (explorationFor(scope) === undefined) throw unexplored(scope);
      return name;
    }
    const slice = explorationByName(name);
    if (slice === undefined) throw new UsageError(`unknown scope '${name}': expected ${SLICE_NAMES}`);
    slices.set(slice.scope.name, slice);
    return slice.scope.name;
  });
  const explorations = [...EXPLORATIONS, ...slices.values()];
  if (options.platform === undefined && options.set.length === 0)
    return selectNames('scope', explorations, ({ scope }) => scope.name, canonical);
  const scopes = await selectScopes(
    { ...options, scope: canonical },
    explorations.map(({ scope }) => scope),
  );
  return scopes.map((scope) => {
    const exploration = explorationFor(scope);
    if (exploration === undefined) throw unexplored(scope);
    return exploration;
  });
}

function unexplored(scope: Scope): UsageError {
  const names = EXPLORATIONS.map((each) => each.scope.name).join(', ');
  return new UsageError(
    `${scope.name} is not explored: ${whyUnexplored(scope)}; expected ${names}, or attach-slice`,
  );
}

/** @throws UsageError where a property is named that a search of states cannot decide. */
function selectProperties(
  names: readonly string[],
  { properties: own }: SelectedRules,
  explorations: readonly Exploration[],
): readonly Property[] {
  const asked = selectGlobs('property', [...PROPERTIES, ...own], ({ id }) => id, names);
  const properties = applicable(
    asked,
    explorations.map(({ scope }) => scope),
    names,
  );
  const [first] = properties;
  if (first !== undefined && !properties.some(isDecided))
    throw new UsageError(
      `${first.id} compares whole runs: expected a property of states or steps (see check)`,
    );
  return properties;
}

function textOf(
  report: ExploreReport,
  explorations: readonly Exploration[],
  selection: SelectedRules,
  options: ExploreOptions,
  paint: Paint,
): string {
  const drawn = report.properties.flatMap(({ property, traces }) =>
    traces.map((trace) => {
      const scope = explorations.find((each) => each.scope.name === trace.scope)?.scope;
      if (scope === undefined) throw new Error(`a trace of ${trace.scope}, which was not explored`);
      return `${renderText(trace, { scope, rules: selection.rules, property }, paint)}\n\n`;
    }),
  );
  const notes = {
    repeat: repeatLine(options),
    under: underText(selection),
    verbose: options.verbose === true,
    traceDir: options.traceDir ?? null,
    modules: options.design.filter(isModulePath),
  };
  return `${drawn.join('')}${renderExploration(report, notes, paint)}`;
}

function reportedOf(
  report: ExploreReport,
  explorations: readonly Exploration[],
  selection: SelectedRules,
  repeat: string,
): Reported {
  const scopes = explorations.map(({ scope }) => scope);
  const properties = report.properties.map(({ traces, ...each }) => ({ ...each, trace: traces[0] ?? null }));
  return { command: 'explore', properties, selection, scopes, seconds: report.seconds, repeat };
}

function repeatLine(options: ExploreOptions): string {
  const { depth, maxStates, symmetry } = options;
  return [
    'nestcheck explore',
    ...selectorsAgain(options),
    ...(depth === undefined ? [] : [`--depth ${depth}`]),
    ...(maxStates === undefined ? [] : [`--max-states ${maxStates}`]),
    ...(symmetry ? [] : ['--no-symmetry']),
  ].join(' ');
}

function progressText({
  scope,
  states,
  frontier,
  depth,
  seconds,
}: SearchProgress & { scope: string }): string {
  const rate = seconds === 0 ? 0 : Math.round(states / seconds);
  const [all, open, each] = [states, frontier, rate].map((number) => number.toLocaleString('en-US'));
  return `${scope}: ${all} states, ${open} in the frontier, depth ${depth}, ${each} states/s`;
}
