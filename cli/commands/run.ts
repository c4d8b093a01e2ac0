import type { Command } from 'commander';
import { readTraceFile, readWholeText, writeTraceFile } from '../../checker/files.ts';
import { wrap } from '../../checker/render/layout.ts';
import type { Paint } from '../../checker/render/paint.ts';
import { columnsOf, toldLines } from '../../checker/render/text.ts';
import type { Found } from '../../checker/run.ts';
import { readScript, type Script, ScriptError } from '../../checker/script/read.ts';
import { runCalls, type ScriptRun, traceOfRun } from '../../checker/script/run.ts';
import { selectGlobs, selectNames } from '../../checker/select/by-name.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { askedBy, inFile, UsageError } from '../../checker/select/usage-error.ts';
import { stepToJson } from '../../checker/trace/encode.ts';
import { ALL_PROPERTIES, PROPERTIES } from '../../properties/index.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
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
  const script = await readSteps(file, options.design);
  const names = options.scope.length > 0 ? options.scope : script.scope === null ? [] : [script.scope];
  if (names.length !== 1)
    throw new UsageError(inFile(file, null, "expected one scope: a line 'scope NAME', or --scope NAME"));
  const [scope] = await askedBy(file, () => selectNames('scope', SCOPES, ({ name }) => name, names));
  if (scope === undefined) throw new Error('a selection of one name is one thing');
  const selection = await askedBy(file, () =>
    selectRules([...script.designs, ...options.design], [...script.defects, ...options.defect]),
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
  if (options.json) printJson(terminal, 'run', jsonOf(run, scope.name, selection));
  else {
    const head = `scope ${scope.name}, ${underText(selection)}`;
    terminal.stdout.write(`${textOf(run, head, paintFor(terminal)).join('\n')}\n`);
  }
  return run.found.length === 0 ? EXIT.ok : EXIT.disagrees;
}

/** Steps by hand, or those of a trace. */
async function readSteps(file: string, modules: readonly string[]): Promise<Script> {
  const text = await readWholeText(file);
  if (text.trimStart().startsWith('{') && file !== '-') {
    const { scope, design, defects, steps } = await readTraceFile(file);
    const designs = Object.entries(design).flatMap(([axis, value]) => {
      if (!isModulePath(axis)) return [`${axis}=${value}`];
      if (modules.includes(axis)) return [];
      throw new UsageError(inFile(file, null, `recorded with '${axis}'; say --design ${axis} to load it`));
    });
    return { scope, designs, defects, calls: steps.map(({ result: _, ...call }) => call) };
  }
  try {
    return readScript(text);
  } catch (error) {
    if (error instanceof ScriptError) throw new UsageError(inFile(file, error.line, error.message));
    throw error;
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
  scope: string,
  {
    design,
    defects,
  }: { readonly design: Readonly<Record<string, string>>; readonly defects: readonly string[] },
): object {
  return {
    verdict: found.length === 0 ? 'holds' : 'violated',
    scope,
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
