import type { Command } from 'commander';
import { selectRules } from '../../checker/select/rules.ts';
import { conformFile, type FileReport } from '../../conformance/index.ts';
import { conformText, conformTotals } from '../conform-report.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import type { Terminal } from '../terminal.ts';

interface ConformOptions {
  readonly design: readonly string[];
  readonly json?: true;
}

/** `nestcheck conform` */
export function addConform(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('conform')
    .description('compare recordings of a real system with the model')
    .argument(
      '<recording...>',
      '.jsonl or .jsonl.gz of a kernel; .json or .json.gz of an SMMUv3 or a VT-d unit',
    )
    .addOption(repeatable('--design <axes|file>', 'compare with the model under this design', 'intended'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck conform --design kernel=linux-7.2,smmu=qemu-11 recording.jsonl.gz
  $ nestcheck conform --design kernel=linux-7.2 mine.jsonl --json`,
    )
    .action(async (paths: readonly string[], options: ConformOptions) => {
      const { overrides } = await selectRules(options.design, []);
      const files: FileReport[] = [];
      for (const path of paths) files.push(await conformFile(path, overrides));
      if (options.json) printJson(terminal, 'conform', { files, ...conformTotals(files) });
      else terminal.stdout.write(`${conformText(files, paintFor(terminal))}\n`);
      // A named deviation is a disagreement too: the design did not ask for it.
      end(files.some(({ checked, agreed }) => agreed < checked) ? EXIT.disagrees : EXIT.ok);
    });
}
