import type { Command } from 'commander';
import { withCanonicalNames } from '../../checker/canonical.ts';
import { readTraceFile, writeTraceFile } from '../../checker/files.ts';
import { minimise } from '../../checker/minimise.ts';
import { showsViolation } from '../../checker/random/engine.ts';
import { renderText } from '../../checker/render/text.ts';
import { runCalls } from '../../checker/script/run.ts';
import { inFile, UsageError } from '../../checker/select/usage-error.ts';
import { STATES, shorten } from '../../checker/shortest/shorten.ts';
import { guaranteeWords } from '../../checker/shortest/words.ts';
import { traceToJson } from '../../checker/trace/encode.ts';
import { underOne } from '../../checker/watchdog.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable, wholeNumber } from '../options.ts';
import { paintFor } from '../paint.ts';
import { expectWritable, writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';
import { settingOf } from '../trace-setting.ts';

interface MinimiseOptions {
  readonly design: readonly string[];
  readonly states: number;
  readonly output?: string;
  readonly json?: true;
}

/** `nestcheck minimise` */
export function addMinimise(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('minimise')
    .description('make a trace minimal, look for shorter ones, and say what is proved of its length')
    .argument('<trace>', 'a trace file (nestcheck-trace/1) that violates a property')
    .addOption(repeatable('--design <file>', 'a module of your own with which it was recorded', 'none'))
    .option('--states <n>', 'look no deeper behind this many states', wholeNumber(1), STATES)
    .option('--output <file>', 'write the trace to this file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck minimise mine.json --output shorter.json
  $ nestcheck minimise --design ./mine.ts traces/vsmmus-have-own-tag.json`,
    )
    .action(async (file: string, options: MinimiseOptions) => {
      end(await runMinimise(file, options, terminal));
    });
}

async function runMinimise(
  file: string,
  { design, states, output, json }: MinimiseOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const given = await readTraceFile(file);
  const { scope, rules, design: found, property: named, properties } = await settingOf(file, given, design);
  if (output !== undefined) await expectWritable(output);
  const setting = { scope, rules };
  const calls = given.steps.map(({ result: _, ...call }) => call);
  const selection = { rules, design: found, defects: given.defects };
  // A trace that names no property is made minimal for the first that it violates.
  const property = named ?? runCalls(scope, selection, properties, calls).found[0]?.property;
  if (property === undefined)
    throw new UsageError(inFile(file, null, 'expected a trace that violates a property'));
  const shows = showsViolation(setting, property);
  if (shows(calls) === null)
    throw new UsageError(inFile(file, null, `expected its commands to violate ${property.id}`));
  const least = withCanonicalNames(
    setting,
    underOne(() => minimise(calls, shows)),
  );
  const trace = await shorten({ scope, selection, property, calls: least }, states);
  if (output !== undefined) await writing(output, () => writeTraceFile(output, trace));
  if (json) {
    printJson(terminal, 'minimise', {
      before: calls.length,
      after: trace.steps.length,
      trace: traceToJson(trace),
    });
    return EXIT.ok;
  }
  const { guarantee, steps } = trace;
  const drawn = renderText(trace, { ...setting, property }, paintFor(terminal));
  const words = guarantee === null ? '' : `, ${guarantee}: ${guaranteeWords(guarantee, trace)}`;
  terminal.stdout.write(`${drawn}\n\n${steps.length} of ${calls.length} commands${words}.\n`);
  return EXIT.ok;
}
