import { resolve } from 'node:path';
import type { Command } from 'commander';
import { selectNames } from '../../checker/select/by-name.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { AgentError } from '../../lab/channel.ts';
import { type Ability, checkLab } from '../../lab/check.ts';
import { bootGuest } from '../../lab/guest.ts';
import { LAB_MACHINES } from '../../lab/machine.ts';
import { labPlaces } from '../../lab/places.ts';
import { LabError, missingOf, removeLab, setUp } from '../../lab/setup.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import type { Terminal } from '../terminal.ts';

interface SetupCommand {
  readonly kernel?: string;
  readonly source?: string;
  readonly config: readonly string[];
  readonly name: string;
}

interface CheckCommand {
  readonly name: string;
  readonly machine: readonly string[];
  readonly json?: true;
}

const NAME = '--name <kernel>';
const NAME_MEANS = 'the name of the kernel in the lab';

const EXAMPLES = `
Examples:
  $ nestcheck lab setup
  $ nestcheck lab setup --source ~/linux --config lab/kernel/kasan.config --name kasan
  $ nestcheck lab check --machine two-smmus
  $ nestcheck lab remove`;

/** `nestcheck lab` */
export function addLab(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  const lab = program
    .command('lab')
    .description('make, try and remove the machine on which `live` runs: Linux in QEMU with SMMUv3s')
    .addHelpText('after', EXAMPLES);
  lab
    .command('setup')
    .description('install what is needed, build a kernel, find or unpack QEMU 11 (10 minutes, 4 GB)')
    .option('--kernel <image>', 'take this kernel, built with the options of lab/kernel/arm64.config')
    .option('--source <dir>', "build this kernel tree; without it, Debian's newest")
    .addOption(
      repeatable('--config <fragment>', 'more kernel options, such as lab/kernel/kasan.config', 'none'),
    )
    .option(NAME, NAME_MEANS, 'default')
    .action(async (options: SetupCommand) => {
      if (options.kernel !== undefined && (options.source !== undefined || options.config.length > 0))
        throw new UsageError('--kernel: it is built already; --source and --config cannot be given with it');
      const { kernel, source, config, name } = options;
      await said(() =>
        setUp(
          labPlaces(terminal.env),
          {
            kernel: kernel === undefined ? null : resolve(kernel),
            source: source === undefined ? null : resolve(source),
            fragments: config.map((file) => resolve(file)),
            name: kernelName(name),
          },
          (line) => terminal.stderr.write(`${line}\n`),
        ),
      );
      terminal.stdout.write('The lab is set up. Next: nestcheck lab check\n');
      end(EXIT.ok);
    });
  lab
    .command('check')
    .description('boot what was set up, and say what works')
    .option(NAME, NAME_MEANS, 'default')
    .addOption(repeatable('--machine <name>', 'only this machine', 'all'))
    .option('--json', 'print one JSON object')
    .action(async (options: CheckCommand) => end(await said(() => runCheck(options, terminal))));
  lab
    .command('remove')
    .description('delete everything that the lab made')
    .action(async () => {
      const { cache } = labPlaces(terminal.env);
      await removeLab(labPlaces(terminal.env));
      terminal.stdout.write(`${cache} is gone.\n`);
      end(EXIT.ok);
    });
}

async function runCheck(options: CheckCommand, terminal: Terminal): Promise<ExitCode> {
  const places = labPlaces(terminal.env);
  const name = kernelName(options.name);
  const machines = selectNames('machine', LAB_MACHINES, (machine) => machine.name, options.machine);
  const results: { readonly machine: string; readonly abilities: readonly Ability[] }[] = [];
  for (const machine of machines) {
    const missing = await missingOf(places, name, machine.name);
    if (missing !== null) throw new LabError(`${missing}; run nestcheck lab setup`);
    const guest = await bootGuest({
      places,
      machine,
      kernel: places.kernel(name),
      initramfs: places.initramfs(machine.name),
      processors: 1,
      accelerator: 'tcg',
      name: `check-${machine.name}`,
    });
    try {
      results.push({ machine: machine.name, abilities: await checkLab(guest) });
    } finally {
      await guest.stop();
    }
  }
  // Without stage 2 nothing can be nested, and that is what its machine is for.
  const works = results.every(
    ({ machine, abilities }) => machine === 'stage-1' || abilities.every((each) => each.works),
  );
  if (options.json) printJson(terminal, 'lab check', { works, machines: results });
  else {
    const paint = paintFor(terminal);
    for (const { machine, abilities } of results) {
      terminal.stdout.write(`${machine}\n`);
      for (const { what, works: does, said: words } of abilities)
        terminal.stdout.write(`  ${does ? paint.good('yes') : paint.bad('no ')}  ${what} (${words})\n`);
    }
  }
  return works ? EXIT.ok : EXIT.disagrees;
}

function kernelName(name: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,40}$/i.test(name))
    throw new UsageError(`--name: expected letters, digits, . _ -`);
  return name;
}

/** What is missing or does not start is the user's to mend: one line, exit 2. */
async function said<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LabError || error instanceof AgentError)
      throw new UsageError(`lab: ${error.message}`);
    throw error;
  }
}
