import type { Command } from 'commander';
import { readTraceFile, readWholeText, writeTraceFile } from '../../checker/files.ts';
import { oneLine } from '../../checker/outside/text.ts';
import { scopeOfTrace, selectScopes } from '../../checker/platform/select.ts';
import { wrap } from '../../checker/render/layout.ts';
import type { Paint } from '../../checker/render/paint.ts';
import { columnsOf, toldLines } from '../../checker/render/text.ts';
import type { Found } from '../../checker/run.ts';
import { unknownOf } from '../../checker/script/of-platform.ts';
import { readScript, type Script } from '../../checker/script/read.ts';
import { inScript, noScope } from '../../checker/script/refused.ts';
import { runCalls, type ScriptRun, traceOfRun } from '../../checker/script/run.ts';
import { selectGlobs, unknownText } from '../../checker/select/by-name.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { selectTraceRules } from '../../checker/select/rules.ts';
import { askedBy, inFile, UsageError } from '../../checker/select/usage-error.ts';
import { stepToJson } from '../../checker/trace/encode.ts';
import { ALL_PROPERTIES, PROPERTIES } from '../../properties/index.ts';
import { SCOPES, scopeByName } from '../../workload/scopes/index.ts';
import { changesText, type PlatformChanges } from '../../workload/scopes/platform-changes.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { addSelectors } from '../options.ts';
import { paintFor } from '../paint.ts';
import { type Selectors, underText } from '../repeat.ts';
import { expectWritable, writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface ScriptOptions extends Selectors {
  readonly trace?: string;
  readonly json?: true;
}

const FORMAT = `
A file has a step a line; # begins a comment:
  scope one-smmu, kernel=linux-7.2
  vmm:vm0 openIommufd as iommufd0
  vmm:vm0 ioasAlloc fd=iommufd0 as ioas0
  vmm:vm0 ioasMap fd=iommufd0 ioasId=ioas0 length=0x1000 flags=READABLE
What replay prints can be given as it is; so can a trace file. list commands says what there is.

Examples:
  $ nestcheck run mine.steps
  $ nestcheck run mine.steps --design kernel=linux-7.2 --trace mine.json
  $ nestcheck replay mine.json | nestcheck run -`;

/** `nestcheck run` */
export function addRun(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  const command = program
    .command('run')
    .description(
      'make the commands of a file one by one: every answer, what changed, what is violated on the way',
    )
    .argument('<file>', 'steps written by hand, or pasted; a trace file; or - for standard input');
  addSelectors(command)
    .option('--trace <file>', 'write the steps with their answers as a trace, up to the first violation')
    .option('--json', 'print one JSON object')
    .addHelpText('after', FORMAT)
    .action(async (file: string, options: ScriptOptions) => {
      end(await runScript(file, options, terminal));
    });
}

async function runScript(file: string, options: ScriptOptions, terminal: Terminal): Promise<ExitCode> {
  const script = await readSteps(file);
  const names = options.scope.length > 0 ? options.scope : script.scope === null ? [] : [script.scope];
  if (names.length !== 1 && options.platform === undefined) throw noScope(file, ', or --scope NAME');
  const scope = await askedBy(file, () => scopeOf(script, names, options));
  expectKnown(file, scope, script);
  const defects = [...script.defects, ...options.defect];
  const selection = await askedBy(file, () =>
    selectTraceRules({ design: script.modules, defects }, [...script.designs, ...options.design]),
  );
  const properties = selectGlobs(
    'property',
    [...(options.property.length === 0 ? PROPERTIES : ALL_PROPERTIES), ...selection.properties],
    ({ id }) => id,
    options.property,
  );
  if (options.trace !== undefined) await expectWritable(options.trace);
  const { calls } = script;
  const run = runCalls(scope, selection, properties, calls);
  const trace = traceOfRun(scope, selection, calls, run);
  const { trace: output } = options;
  if (output !== undefined) {
    if (trace === null)
      throw new UsageError(inFile(file, null, 'violated before the first step: no trace shows it'));
    await writing(output, () => writeTraceFile(output, trace));
  }
  if (options.json) printJson(terminal, 'run', jsonOf(run, scope, selection));
  else {
    const head = [`scope ${scope.name}`, ...changesText(scope.changes), underText(selection)].join(', ');
    terminal.stdout.write(`${textOf(run, head, paintFor(terminal)).join('\n')}\n`);
  }
  return run.found.length === 0 ? EXIT.ok : EXIT.disagrees;
}

/** What a script says, and the changes of a platform that only a trace has in full. */
interface Steps extends Script {
  readonly changes?: PlatformChanges;
}

async function scopeOf(
  script: Steps,
  names: readonly string[],
  { platform, set }: ScriptOptions,
): Promise<Scope> {
  if (script.platform !== null && platform === undefined && script.changes === undefined)
    throw new UsageError(`expected --platform FILE with the platform '${oneLine(script.platform, 60)}'`);
  const settings = [...script.set, ...set];
  if (platform !== undefined || script.changes === undefined) {
    const [scope] = await selectScopes(
      { scope: names, set: settings, ...(platform === undefined ? {} : { platform }) },
      names.flatMap((name) => scopeByName(name) ?? []),
    );
    if (scope !== undefined) return scope;
    throw new UsageError(
      unknownText(
        'scope',
        names[0] ?? '',
        SCOPES.map(({ name }) => name),
      ),
    );
  }
  return scopeOfTrace({ scope: names[0] ?? '', platform: { ...script.changes, set: settings } });
}

/** A step of what there is not would be refused, or be that of another process of the host. */
function expectKnown(file: string, { platform }: Scope, { calls, lines }: Script): void {
  const unknown = unknownOf(platform, calls);
  if (unknown !== null) throw new UsageError(inFile(file, lines[unknown.at] ?? null, unknown.message));
}

/** Steps by hand, or those of a trace. */
async function readSteps(file: string): Promise<Steps> {
  const text = await readWholeText(file);
  if (text.trimStart().startsWith('{') && file !== '-') {
    const { scope, platform, design, defects, steps } = await readTraceFile(file);
    const entries = Object.entries(design);
    return {
      scope,
      set: platform?.set ?? [],
      platform: platform?.name ?? null,
      ...(platform === undefined ? {} : { changes: platform }),
      designs: entries.filter(([axis]) => !isModulePath(axis)).map(([axis, value]) => `${axis}=${value}`),
      modules: Object.fromEntries(entries.filter(([axis]) => isModulePath(axis))),
      defects,
      calls: steps.map(({ result: _, ...call }) => call),
      lines: [],
    };
  }
  try {
    return readScript(text);
  } catch (error) {
    throw inScript(file, error);
  }
}

function textOf({ steps, found }: ScriptRun, head: string, paint: Paint): readonly string[] {
  const columns = columnsOf(steps.map(({ call }) => call));
  return [
    ...wrap(head, 2).map(paint.dim),
    ...foundLines(found, 0, paint),
    ...steps.flatMap((step, at) => [
      ...toldLines(step, at, columns, paint),
      ...foundLines(found, at + 1, paint),
    ]),
    '',
    found.length === 0
      ? paint.good('Nothing is violated.')
      : paint.bad(`Violated: ${found.map(({ property }) => property.id).join(', ')}.`),
  ];
}

function foundLines(found: readonly Found[], step: number, paint: Paint): readonly string[] {
  return found
    .filter(({ calls }) => calls === step)
    .flatMap(({ property, violation }) => [
      ...wrap(`${property.wish === true ? 'costs' : 'violates'} ${property.id}: ${property.sentence}`, 2).map(
        paint.bold,
      ),
      ...wrap(`  ${violation}`, 4).map(paint.bad),
    ]);
}

function jsonOf(
  { steps, found }: ScriptRun,
  { name, changes }: Scope,
  {
    design,
    defects,
  }: { readonly design: Readonly<Record<string, string>>; readonly defects: readonly string[] },
): object {
  return {
    verdict: found.length === 0 ? 'holds' : 'violated',
    scope: name,
    ...(changes === undefined ? {} : { platform: changes }),
    design,
    defects,
    steps: steps.map(({ call, result, effects, changes }) => ({
      ...stepToJson({ ...call, result }),
      effects: effects.map(({ text }) => text),
      changes,
    })),
    violations: found.map(({ property, calls, violation }) => ({
      property: property.id,
      step: calls,
      violation,
    })),
  };
}
