import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { selectHardware } from '../../checker/assignability/hardware-file.ts';
import {
  assignabilityToJson,
  renderAssignability,
  traceFileName,
  tracesOfCells,
} from '../../checker/assignability/report.ts';
import { type Cell, cellId, deriveCell, placesBehind } from '../../checker/assignability/table.ts';
import { decisionText, tracesOf } from '../../checker/decision-text.ts';
import { writeTraceFile } from '../../checker/files.ts';
import { selectGlobs, selectNames } from '../../checker/select/by-name.ts';
import { ANSWERS } from '../../spec/decisions/answers/index.ts';
import { DECISIONS, type DecisionRecord } from '../../spec/decisions/index.ts';
import { THREAD_HARDWARE } from '../../spec/pasid/descriptions.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { makeWritableFolder, writing } from '../reports.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainOptions {
  readonly hardware: readonly string[];
  readonly cell: readonly string[];
  readonly traceDir?: string;
  readonly json?: true;
}

/** `nestcheck explain` */
export function addExplain(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('explain')
    .description(
      'say what came out of a question of the threads, or derive a table with the evidence behind each cell',
    )
    .argument('<what>', 'a question such as D-4 (list decisions), or assignability')
    .addOption(
      repeatable('--hardware <file|name>', 'hardware: a JSON description, or its name', 'that of the thread'),
    )
    .addOption(repeatable('--cell <glob>', 'only these cells, such as vt-d3/mdev/pasids', 'all'))
    .option('--trace-dir <folder>', 'of assignability: write each trace that decided a cell here')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck explain D-4
  $ nestcheck explain assignability --cell smmuv3/mdev/translation
  $ nestcheck explain assignability --cell smmuv3/mdev/translation --trace-dir traces
  $ nestcheck explain assignability --hardware mine.json`,
    )
    .action(async (name: string, options: ExplainOptions) => {
      const record = DECISIONS.find(({ id }) => id === name.toUpperCase());
      if (record !== undefined) {
        explainDecision(record, options, terminal);
        return end(EXIT.ok);
      }
      selectNames('question', ['assignability', ...DECISIONS.map(({ id }) => id)], (each) => each, [name]);
      end(await runExplain(options, terminal));
    });
}

/** The folder of the package, in which the committed traces are. */
function packageRoot(): string {
  return dirname(createRequire(import.meta.url).resolve('nestcheck/package.json'));
}

function explainDecision(record: DecisionRecord, { json }: ExplainOptions, terminal: Terminal): void {
  const root = packageRoot();
  if (json) {
    const { id, question, alternatives, built, properties } = record;
    const answer = ANSWERS[id] ?? null;
    printJson(terminal, 'explain', {
      decision: { id, question, alternatives, answer, built, properties, traces: tracesOf(record, root) },
    });
  } else terminal.stdout.write(`${decisionText(record, root)}\n`);
}

async function runExplain(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const given = await selectHardware(options.hardware);
  const hardware = given.length > 0 ? given : THREAD_HARDWARE;
  const places = selectGlobs('cell', hardware.flatMap(placesBehind), cellId, options.cell);
  if (options.traceDir !== undefined) await makeWritableFolder(options.traceDir);
  const spinner = await spinnerOn(terminal, 'deriving');
  const interrupt = new AbortController();
  const ignoreInterrupts = terminal.onInterrupt(() => interrupt.abort());
  const cells: Cell[] = [];
  try {
    for (const place of places) {
      if (spinner !== null) spinner.text = cellId(place);
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (!interrupt.signal.aborted) cells.push(deriveCell(place.hardware, place.unit, place.viommu));
    }
  } finally {
    spinner?.stop();
    ignoreInterrupts();
  }
  const { traceDir: folder } = options;
  if (folder !== undefined)
    for (const [id, trace] of tracesOfCells(cells))
      await writing(folder, () => writeTraceFile(join(folder, traceFileName(id)), trace));
  if (options.json)
    printJson(terminal, 'explain', { table: 'assignability', ...assignabilityToJson(cells, hardware) });
  else terminal.stdout.write(`${renderAssignability(cells, folder ?? null)}\n`);
  return interrupt.signal.aborted ? EXIT.noVerdict : EXIT.ok;
}
