import type { Command } from 'commander';
import { readTraceFile, writeItfFile } from '../../checker/files.ts';
import { renderText } from '../../checker/render/text.ts';
import { type Drift, replayTrace } from '../../checker/replay.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { selectTraceRules } from '../../checker/select/rules.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import { writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface ReplayOptions {
  readonly design: readonly string[];
  readonly itf?: string;
  readonly json?: true;
}

interface Replayed {
  readonly file: string;
  readonly verdict: 'replays' | 'drifts';
  readonly property: string | null;
  readonly steps: number;
  readonly drift: Drift | null;
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
    .option('--json', 'print one JSON object')
    .action(async (files: readonly string[], options: ReplayOptions) => {
      if (options.itf !== undefined && files.length > 1) {
        throw new UsageError('--itf: expected one trace, since it writes one file');
      }
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
  { design, itf }: ReplayOptions,
  terminal: Terminal,
): Promise<Replayed> {
  const trace = await readTraceFile(file);
  const { rules, properties: own } = await selectTraceRules(trace, design);
  const properties = [...ALL_PROPERTIES, ...own];
  const [scope] = selectNames('scope', SCOPES, ({ name }) => name, [trace.scope]);
  const names = trace.property === null ? [] : [trace.property];
  const [property] = selectNames('property', properties, ({ id }) => id, names);
  if (scope === undefined || property === undefined) throw new Error('a selection of one name is one thing');
  if (itf !== undefined) await writing(itf, () => writeItfFile(itf, trace, { scope, rules }));
  const drift = replayTrace(trace, { scope, rules, properties });
  const paint = paintFor(terminal);
  const drawn = renderText(
    trace,
    { scope, rules, property: trace.property === null ? null : property },
    paint,
  );
  const text =
    drift === null
      ? `${file}\n${drawn}\n${paint.good('Replays exactly.')}\n`
      : `${file}\n${drawn}\n${paint.bad(driftText(drift))}\n`;
  return {
    file,
    verdict: drift === null ? 'replays' : 'drifts',
    property: trace.property,
    steps: trace.steps.length,
    drift,
    text,
  };
}

function driftText({ step, expected, actual }: Drift): string {
  const where = step === null ? 'At its end' : `At step ${step}`;
  return `Drifts. ${where} the trace says: ${expected}\n  but the model says: ${actual}`;
}
