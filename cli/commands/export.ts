import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readTraceFile } from '../../checker/files.ts';
import { scopeOfTrace } from '../../checker/platform/select.ts';
import { type SelectedRules, selectRules } from '../../checker/select/rules.ts';
import { askedBy, UsageError } from '../../checker/select/usage-error.ts';
import { ExportError } from '../../live/export/answer.ts';
import { toC, toKselftest } from '../../live/export/c.ts';
import { fromTrace } from '../../live/export/from-trace.ts';
import { toSyz } from '../../live/export/syz.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { qtestOf } from '../export-qtest.ts';
import { repeatable, wholeNumber } from '../options.ts';
import { underText } from '../repeat.ts';
import { writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface ExportCommand {
  readonly as: string;
  readonly run?: number;
  readonly design: readonly string[];
  readonly output?: string;
}

/** What a trace can be written as. */
const WRITERS = { c: toC, kselftest: toKselftest, syz: toSyz } as const;

type Format = keyof typeof WRITERS;

/** That one is made from what is seen of a machine, not from what calls answer. */
const QTEST = 'qtest';

const FORMATS = [...Object.keys(WRITERS), QTEST];

function isFormat(name: string): name is Format {
  return Object.hasOwn(WRITERS, name);
}

/** `nestcheck export` */
export function addExport(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('export')
    .description(
      'write a trace as a program that makes its calls on a real kernel, or does its steps to a real QEMU, and asserts each answer',
    )
    .argument('<trace>', 'a trace file (nestcheck-trace/1); for qtest also a recording of an emulated IOMMU')
    .requiredOption('--as <format>', `one of ${FORMATS.join(', ')}`)
    .addOption(
      repeatable('--design <axes|file>', 'assert the answers under this design', 'those in the trace'),
    )
    .option('--run <n>', 'for qtest: which run of a recording (default: the first)', wholeNumber(1))
    .option('--output <file>', 'write it to this file')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck export counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json --as c --output vmid.c
  $ nestcheck export mine.json --as kselftest --design kernel=linux-7.2
  $ nestcheck export mine.json --as syz --output mine.syz
  $ nestcheck export conformance/recordings/qemu-11.1.3/qtest-deviations.jsonl.gz --run 2 --as qtest --output commands.c
  $ nestcheck export nestcheck-live/01-difference-dma-read.jsonl --as qtest`,
    )
    .action(async (file: string, options: ExportCommand) => {
      const { as } = options;
      const { output, run } = options;
      if (as !== QTEST && run !== undefined) throw new UsageError(`--run: --as ${as} takes no recording`);
      const text = await exported(file, as, options);
      if (output === undefined) terminal.stdout.write(text);
      else await writing(output, () => writeFile(output, text));
      end(EXIT.ok);
    });
}

/** @throws UsageError */
async function exported(file: string, as: string, { design, run }: ExportCommand): Promise<string> {
  if (as !== QTEST && !isFormat(as))
    throw new UsageError(`--as: expected one of ${FORMATS.join(', ')}, not '${as}'`);
  const selected = design.length === 0 ? null : await selectRules(design, []);
  try {
    return as === QTEST ? await qtestOf(file, selected, run ?? 1) : await textOf(file, as, selected);
  } catch (error) {
    if (error instanceof ExportError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

async function textOf(file: string, as: Format, selected: SelectedRules | null): Promise<string> {
  const trace = await readTraceFile(file);
  const scope = await askedBy(file, () => scopeOfTrace(trace));
  const under = underText(selected ?? trace);
  return WRITERS[as](fromTrace(trace, scope, selected?.rules ?? null), {
    title: trace.violation ?? `a trace of scope ${trace.scope}`,
    under: under === '' ? 'the model' : under,
    devices: scope.platform.devices,
  });
}
