import type { Command } from 'commander';
import { describeScope } from '../../checker/describe.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import type { Terminal } from '../terminal.ts';

/** `nestcheck describe` */
export function addDescribe(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('describe')
    .description(
      'say what is on a platform: IOMMUs with their registers decoded, devices, virtual machines, memory',
    )
    .argument('<kind>', 'scope')
    .argument('<name>', 'its name (list scopes)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck describe scope one-smmu
  $ nestcheck describe scope mixed-host --json`,
    )
    .action((kind: string, name: string, options: { readonly json?: true }) => {
      selectNames('kind', ['scope'], (each) => each, [kind]);
      const [scope] = selectNames('scope', SCOPES, (each) => each.name, [name]);
      if (scope === undefined) throw new Error('a selection of one name is one thing');
      if (options.json) printJson(terminal, 'describe', { scope: plain(scope) });
      else terminal.stdout.write(`${describeScope(scope)}\n`);
      end(EXIT.ok);
    });
}

/** As JSON has it: 64-bit values are strings `0x…`. */
function plain(value: object): object {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint' ? `0x${each.toString(16)}` : each,
  );
  return JSON.parse(text) as object;
}
