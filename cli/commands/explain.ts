import type { Command } from 'commander';
import { readHardware } from '../../checker/assignability/hardware-file.ts';
import { UNIT_KINDS } from '../../checker/assignability/question.ts';
import { assignabilityToJson, renderAssignability } from '../../checker/assignability/report.ts';
import { type Cell, deriveCell } from '../../checker/assignability/table.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { VIOMMUS } from '../../model/pasid/machine.ts';
import { THREAD_HARDWARE } from '../../spec/pasid/descriptions.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainOptions {
  readonly hardware: readonly string[];
  readonly json?: true;
}

/** `nestcheck explain` */
export function addExplain(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('explain')
    .description('derive a table by exploration, with the evidence behind each cell')
    .argument('<table>', 'assignability: what can be given to a virtual machine, and how')
    .addOption(
      repeatable('--hardware <file>', 'hardware to look at, as a JSON description', 'that of the thread'),
    )
    .option('--json', 'print one JSON object')
    .action(async (name: string, options: ExplainOptions) => {
      selectNames('table', ['assignability'], (each) => each, [name]);
      end(await runExplain(options, terminal));
    });
}

async function runExplain(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const given = await Promise.all(options.hardware.map(readHardware));
  const hardware = given.length > 0 ? given : THREAD_HARDWARE;
  const spinner = await spinnerOn(terminal, 'deriving');
  const interrupt = new AbortController();
  const ignoreInterrupts = terminal.onInterrupt(() => interrupt.abort());
  const cells: Cell[] = [];
  try {
    for (const each of hardware) {
      for (const unit of UNIT_KINDS) {
        for (const viommu of VIOMMUS) {
          if (spinner !== null) spinner.text = `${each.name}/${unit}/${viommu}`;
          await new Promise((resolve) => setTimeout(resolve, 0));
          if (!interrupt.signal.aborted) cells.push(deriveCell(each, unit, viommu));
        }
      }
    }
  } finally {
    spinner?.stop();
    ignoreInterrupts();
  }
  if (options.json)
    printJson(terminal, 'explain', { table: 'assignability', ...assignabilityToJson(cells, hardware) });
  else terminal.stdout.write(`${renderAssignability(cells)}\n`);
  return interrupt.signal.aborted ? EXIT.noVerdict : EXIT.ok;
}
