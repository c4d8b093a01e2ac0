import type { Command } from 'commander';
import { catalogue, decisionVerdicts, KINDS } from '../../checker/catalogue.ts';
import { oneLine } from '../../checker/outside/text.ts';
import { wrap } from '../../checker/render/layout.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { paintFor } from '../paint.ts';
import type { Terminal } from '../terminal.ts';

/** `nestcheck list` */
export function addList(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('list')
    .description('name what there is, each with a sentence and its source')
    .argument('<kind>', KINDS.join(', '))
    .option('--verdict', 'of decisions: what came out, in a line each')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck list commands
  $ nestcheck list decisions --verdict
  $ nestcheck list designs --json`,
    )
    .action((kind: string, options: { readonly verdict?: true; readonly json?: true }) => {
      if (options.verdict && kind !== 'decisions')
        throw new UsageError(`--verdict: expected decisions, got ${oneLine(kind, 60)}`);
      const items = options.verdict ? decisionVerdicts() : catalogue(kind);
      const paint = paintFor(terminal);
      if (options.json)
        printJson(terminal, 'list', { kind, items: items.map(({ details: _, ...item }) => item) });
      else
        for (const { name, summary, source, details = [] } of items) {
          const lines = [
            ...wrap(`  ${summary}`, 2),
            ...details.flatMap((line) => wrap(`    ${line}`, 6)),
            ...wrap(`  [${source}]`, 2).map(paint.dim),
          ];
          terminal.stdout.write(`${[paint.bold(name), ...lines].join('\n')}\n`);
        }
      end(EXIT.ok);
    });
}
