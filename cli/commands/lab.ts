import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { selectNames } from '../../checker/select/by-name.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { AgentError } from '../../lab/agent-error.ts';
import { type Ability, checkLab } from '../../lab/check.ts';
import { bootGuest } from '../../lab/guest.ts';
import { devicesLike, LAB_MACHINES, type LabMachine } from '../../lab/machine.ts';
import { labPlaces } from '../../lab/places.ts';
import { type ProgramEnd, runPrograms } from '../../lab/run.ts';
import { LabError } from '../../lab/script.ts';
import { missingOf, removeLab, setUp, setUpQemu } from '../../lab/setup.ts';
import { complaintIn } from '../../live/console.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { repeatable } from '../options.ts';
import { paintFor } from '../paint.ts';
import type { Terminal } from '../terminal.ts';

interface SetupCommand {
  readonly kernel?: string;
  readonly source?: string;
  readonly config: readonly string[];
  readonly name?: string;
  readonly vmm?: true;
  readonly qemu?: true;
}

interface CheckCommand {
  readonly name: string;
  readonly machine: readonly string[];
  readonly json?: true;
}

interface RunCommand {
  readonly name: string;
  readonly machine: string;
  readonly device: readonly string[];
  readonly json?: true;
}

const NAME = '--name <kernel>';
const NAME_MEANS = 'the name of the kernel in the lab';

/** The name of the kernel on which VMMs run. */
const VMM_KERNEL = 'vmm';

const EXAMPLES = `
Examples:
  $ nestcheck lab setup
  $ nestcheck lab setup --source ~/linux --config lab/kernel/kasan.config --name kasan
  $ nestcheck lab setup --vmm
  $ nestcheck lab setup --qemu
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
    .option('--vmm', 'for `live --target vmm`: a kernel with KVM, and guests with QEMU 11 and the recorder')
    .option('--qemu', 'for `live --target smmu` and `vtd`: QEMU 11 alone')
    .option(NAME, `${NAME_MEANS} (default: "default"; with --vmm "vmm")`)
    .action(async (options: SetupCommand) => {
      const say = (line: string): void => {
        terminal.stderr.write(`${line}\n`);
      };
      if (options.qemu) {
        if (Object.keys(options).some((name) => name !== 'qemu' && name !== 'config'))
          throw new UsageError('--qemu: QEMU alone is set up; no other option can be given with it');
        await said(() => setUpQemu(labPlaces(terminal.env), say));
        terminal.stdout.write('QEMU is there. Next: nestcheck live --target smmu, or vtd\n');
        end(EXIT.ok);
        return;
      }
      if (options.kernel !== undefined && (options.source !== undefined || options.config.length > 0))
        throw new UsageError('--kernel: it is built already; --source and --config cannot be given with it');
      const { kernel, source, config, vmm = false } = options;
      const name = options.name ?? (vmm ? VMM_KERNEL : 'default');
      await said(() =>
        setUp(
          labPlaces(terminal.env),
          {
            kernel: kernel === undefined ? null : resolve(kernel),
            source: source === undefined ? null : resolve(source),
            fragments: config.map((file) => resolve(file)),
            name: kernelName(name),
            vmm,
          },
          say,
        ),
      );
      const next = vmm ? 'nestcheck live --target vmm' : 'nestcheck lab check';
      terminal.stdout.write(`The lab is set up. Next: ${next}\n`);
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
    .command('run')
    .description('compile C programs, such as `export --as c` writes, and run them in a guest')
    .argument('<program...>', 'C sources')
    .option(NAME, NAME_MEANS, 'default')
    .option('--machine <name>', 'the machine that QEMU makes', 'two-smmus')
    .addOption(
      repeatable('--device <bdf>', 'give these devices to each program, in this order', 'as it says'),
    )
    .option('--json', 'print one JSON object')
    .action(async (files: readonly string[], options: RunCommand) =>
      end(await said(() => runRun(files, options, terminal))),
    );
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

async function runRun(files: readonly string[], options: RunCommand, terminal: Terminal): Promise<ExitCode> {
  const places = labPlaces(terminal.env);
  const name = kernelName(options.name);
  const [machine] = selectNames('machine', LAB_MACHINES, (each) => each.name, [options.machine]);
  if (machine === undefined) throw new Error('a selection of one name is one thing');
  for (const device of options.device)
    if (!machine.devices.includes(device))
      throw new UsageError(`--device: expected one of ${machine.devices.join(', ')}, not '${device}'`);
  const missing = await missingOf(places, name, machine.name);
  if (missing !== null) throw new LabError(`${missing}; run nestcheck lab setup`);
  const programs = await Promise.all(
    files.map(async (file) => ({
      name: file,
      source: resolve(file),
      devices: options.device.length > 0 ? options.device : await devicesOf(file, machine),
    })),
  );
  const ends = await runPrograms(places, { machine, kernel: places.kernel(name) }, programs, (line) =>
    terminal.stderr.write(`${line}\n`),
  );
  if (options.json) printJson(terminal, 'lab run', { kernel: name, programs: ends });
  else
    for (const end of ends) {
      const { name: file, status, said: words } = end;
      const paint = paintFor(terminal);
      const complaint = complaintIn(words)?.kind;
      const how = status === null ? 'did not end by itself' : `status ${status}`;
      const why = complaint === undefined ? how : `${how}, ${complaint}`;
      terminal.stdout.write(`${wentWell(end) ? paint.good('ok ') : paint.bad('no ')} ${file} (${why})\n`);
      for (const line of words.split('\n')) if (line !== '') terminal.stdout.write(`      ${line}\n`);
    }
  return ends.every(wentWell) ? EXIT.ok : EXIT.disagrees;
}

/** A program that found every answer as asserted says nothing of what the kernel complained of meanwhile. */
function wentWell({ status, said: words }: ProgramEnd): boolean {
  return status === 0 && complaintIn(words) === null;
}

/** Devices of the machine that are placed as a program's first lines say of those that it takes. */
async function devicesOf(file: string, machine: LabMachine): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file}: expected a C source that can be read`);
  });
  const listed = /^ \* Device files: (.+)$/m.exec(text.slice(0, 2000))?.[1];
  if (listed === undefined) return machine.devices;
  const wanted = [...listed.matchAll(/\(SMMU (\d+), group (\d+)\)/g)].map(([, smmu, group]) => ({
    smmu: Number(smmu),
    group: Number(group),
  }));
  const found = devicesLike(wanted, machine.devices);
  if (found === null)
    throw new UsageError(
      `${file}: ${machine.name} has no devices that are placed so: ${listed}; name some with --device`,
    );
  return found;
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
