import type { Command } from 'commander';
import { describeScope } from '../../checker/describe.ts';
import { selectScopes } from '../../checker/platform/select.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { SCOPES, scopeByName } from '../../workload/scopes/index.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { platformOption, settingOption } from '../options.ts';
import type { Terminal } from '../terminal.ts';

interface DescribeOptions {
  readonly platform?: string;
  readonly set: readonly string[];
  readonly json?: true;
}

/** `nestcheck describe` */
export function addDescribe(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('describe')
    .description(
      'say what is on a platform: IOMMUs with their registers decoded, devices, virtual machines, memory',
    )
    .argument('<kind>', 'scope')
    .argument('<name>', 'its name (list scopes)')
    .addOption(platformOption())
    .addOption(settingOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck describe scope one-smmu
  $ nestcheck describe scope one-vsmmu --set smmu0.IDR1.SSIDSIZE=8 --set vsmmu0.ats=on
  $ nestcheck describe scope mixed-host --json`,
    )
    .action(async (kind: string, name: string, options: DescribeOptions) => {
      selectNames('kind', ['scope'], (each) => each, [kind]);
      const named = scopeByName(name);
      const all = named === undefined ? SCOPES : [named];
      const [scope] = await selectScopes({ ...options, scope: [named?.name ?? name] }, all);
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
