import type { Command } from 'commander';
import { readTraceFile, writeItfFile } from '../../checker/files.ts';
import { oneLine, pathText } from '../../checker/outside/text.ts';
import { renderBrief } from '../../checker/render/brief.ts';
import { renderText, stepLines } from '../../checker/render/text.ts';
import { type Drift, replayTrace } from '../../checker/replay.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import { expectWritable, writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';
import { settingOf } from '../trace-setting.ts';

interface ReplayOptions {
  readonly design: readonly string[];
  readonly itf?: string;
  readonly brief?: true;
  readonly json?: true;
}

interface Replayed {
  readonly file: string;
  readonly verdict: 'replays' | 'drifts';
  readonly property: string | null;
  readonly steps: number;
  readonly drift: Drift | null;
  /** Modules whose text is another than when it was recorded. */
  readonly changedModules: readonly string[];
  /** The trace, drawn. */
  readonly text: string;
}

/** `nestcheck replay` */
export function addReplay(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('replay')
    .description('make the commands of trace files again, and say where the model answers differently')
    .argument('<trace...>', 'trace files (nestcheck-trace/1)')
    .addOption(repeatable('--design <file>', 'a module of your own with which a trace was recorded', 'none'))
    .option('--itf <file>', 'also write the trace in the Informal Trace Format of Apalache and Quint')
    .option('--brief', 'in about 20 lines of 72 columns, for a mail')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck replay counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json
  $ nestcheck replay --brief traces/iova-ranges-exact.json
  $ nestcheck replay --design ./mine.ts traces/*.json`,
    )
    .action(async (files: readonly string[], options: ReplayOptions) => {
      if (options.itf !== undefined && files.length > 1) {
        throw new UsageError('--itf: expected one trace, since it writes one file');
      }
      if (options.itf !== undefined) await expectWritable(options.itf);
      const replayed: Replayed[] = [];
      for (const file of files) replayed.push(await replayFile(file, options, terminal));
      const drifts = replayed.some(({ drift }) => drift !== null);
      const verdict = drifts ? 'drifts' : 'replays';
      if (options.json) {
        const traces = replayed.map(({ text: _, ...report }) => report);
        printJson(terminal, 'replay', { verdict, traces });
      } else for (const each of replayed) terminal.stdout.write(`${each.text}\n`);
      end(drifts ? EXIT.disagrees : EXIT.ok);
    });
}

async function replayFile(
  file: string,
  { design, itf, brief }: ReplayOptions,
  terminal: Terminal,
): Promise<Replayed> {
  const trace = await readTraceFile(file);
  const { scope, rules, changedModules, property, properties } = await settingOf(file, trace, design);
  if (itf !== undefined) await writing(itf, () => writeItfFile(itf, trace, { scope, rules }));
  const drift = replayTrace(trace, { scope, rules, properties });
  const paint = paintFor(terminal);
  // What has drifted shows nothing: only its steps are drawn.
  const drawn =
    drift === null
      ? brief === true
        ? renderBrief(trace, { scope, rules, property })
        : renderText(trace, { scope, rules, property }, paint)
      : stepLines(trace, { scope, rules }, paint).join('\n');
  const end = drift === null ? paint.good('Replays exactly.') : paint.bad(driftText(drift));
  const notes = changedModules.map((path) =>
    paint.warn(`${pathText(path)} has been changed since the trace was recorded.\n`),
  );
  const text = `${pathText(file)}\n${drawn}\n${notes.join('')}${end}\n`;
  return {
    file,
    verdict: drift === null ? 'replays' : 'drifts',
    property: trace.property,
    steps: trace.steps.length,
    drift,
    changedModules,
    text,
  };
}

/** Characters of an answer; `--json` has all. */
const SAID = 4096;

function driftText({ step, expected, actual }: Drift): string {
  const where = step === null ? 'At its end' : `At step ${step}`;
  return `Drifts. ${where} the trace says: ${oneLine(expected, SAID)}\n  but the model says: ${oneLine(actual, SAID)}`;
}
