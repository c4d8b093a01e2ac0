import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readTraceFile } from '../../checker/files.ts';
import { scopeOfTrace } from '../../checker/platform/select.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { askedBy, UsageError } from '../../checker/select/usage-error.ts';
import { ExportError } from '../../live/export/answer.ts';
import { toC, toKselftest } from '../../live/export/c.ts';
import { fromTrace } from '../../live/export/from-trace.ts';
import { toSyz } from '../../live/export/syz.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { repeatable } from '../options.ts';
import { underText } from '../repeat.ts';
import { writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface ExportCommand {
  readonly as: string;
  readonly design: readonly string[];
  readonly output?: string;
}

/** What a trace can be written as. */
const WRITERS = { c: toC, kselftest: toKselftest, syz: toSyz } as const;

type Format = keyof typeof WRITERS;

const FORMATS = Object.keys(WRITERS);

function isFormat(name: string): name is Format {
  return Object.hasOwn(WRITERS, name);
}

/** `nestcheck export` */
export function addExport(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('export')
    .description('write a trace as a program that makes its calls on a real kernel and asserts each answer')
    .argument('<trace>', 'a trace file (nestcheck-trace/1)')
    .requiredOption('--as <format>', `one of ${FORMATS.join(', ')}`)
    .addOption(
      repeatable('--design <axes|file>', 'assert the answers under this design', 'those in the trace'),
    )
    .option('--output <file>', 'write it to this file')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck export counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json --as c --output vmid.c
  $ nestcheck export mine.json --as kselftest --design kernel=linux-7.2
  $ nestcheck export mine.json --as syz --output mine.syz`,
    )
    .action(async (file: string, options: ExportCommand) => {
      const { as } = options;
      if (!isFormat(as)) throw new UsageError(`--as: expected one of ${FORMATS.join(', ')}, not '${as}'`);
      const text = await exported(file, as, options);
      const { output } = options;
      if (output === undefined) terminal.stdout.write(text);
      else await writing(output, () => writeFile(output, text));
      end(EXIT.ok);
    });
}

async function exported(file: string, as: Format, { design }: ExportCommand): Promise<string> {
  const trace = await readTraceFile(file);
  const scope = await askedBy(file, () => scopeOfTrace(trace));
  const selected = design.length === 0 ? null : await selectRules(design, []);
  const title = trace.violation ?? `a trace of scope ${trace.scope}`;
  const under = underText(selected ?? trace);
  try {
    return WRITERS[as](fromTrace(trace, scope, selected?.rules ?? null), {
      title,
      under: under === '' ? 'the model' : under,
      devices: scope.platform.devices,
    });
  } catch (error) {
    if (error instanceof ExportError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}
