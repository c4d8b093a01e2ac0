import { spawn } from 'node:child_process';
import { chmod, copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../checker/select/usage-error.ts';
import { labPlaces } from '../../lab/places.ts';
import { RECORDER_TARGETS, type RecorderTarget, recorderProgram } from '../../lab/recorder.ts';
import { LabError } from '../../lab/script.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import { expectWritable, writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface RecordOptions {
  readonly output?: string;
  readonly pid?: number;
  readonly everyCall?: true;
  readonly hwInfo: boolean;
  readonly root?: string;
  readonly build?: string;
  readonly for: RecorderTarget;
}

/** Numbers of processes (PID_MAX_LIMIT). */
const MAX_PID = 1 << 22;

/** `nestcheck record` */
export function addRecord(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('record')
    .description('run a VMM, and record what it does with VFIO and iommufd, for `conform`')
    .argument('[command...]', 'the VMM and its arguments, behind --')
    .option('-o, --output <file>', 'the recording (.jsonl)')
    .option('--pid <pid>', 'record a process that runs already, until Ctrl-C', wholeNumber(1, MAX_PID))
    .option(
      '--every-call',
      'stop at every system call: for a VMM whose own seccomp supervisor answers ioctls (slower)',
    )
    .option('--no-hw-info', 'do not bind each device for a moment to ask for the registers of its IOMMU')
    .option('--root <folder>', 'look for /dev and /sys below this folder')
    .option('--build <file>', 'only write the recorder: a static program, for a machine without Node.js')
    .option('--for <machine>', `with --build: ${RECORDER_TARGETS.join(', ')}`, targetOf, 'native')
    .addHelpText(
      'after',
      `
Only the calls of VFIO and iommufd are recorded, and of memory only what their structs point at.

Examples:
  $ nestcheck record -o vm.jsonl -- qemu-system-aarch64 -M virt -accel kvm -device vfio-pci,...
  $ nestcheck record -o vm.jsonl --pid 4711
  $ nestcheck record --build nestcheck-recorder --for arm64

What comes of it is judged by nestcheck conform FILE --property 'vmm-*'.`,
    )
    .action(async (words: readonly string[], options: RecordOptions) => {
      end(await said(() => runRecord(words, options, terminal)));
    });
}

async function runRecord(
  words: readonly string[],
  options: RecordOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { build, output, pid } = options;
  const say = (line: string): void => terminal.stderr.write(`${line}\n`);
  if (build !== undefined) {
    if (output !== undefined || pid !== undefined || words.length > 0)
      throw new UsageError('--build: expected nothing to record with it');
    await expectWritable(build);
    const built = await recorderProgram(labPlaces(terminal.env), options.for, say);
    await writing(build, () => copyFile(built, build));
    await chmod(build, 0o755);
    return EXIT.ok;
  }
  if (output === undefined) throw new UsageError('expected -o <file>: where the recording goes');
  if (!output.endsWith('.jsonl')) throw new UsageError(`${output}: expected a name that ends in .jsonl`);
  if ((pid === undefined) === (words.length === 0))
    throw new UsageError('expected a command behind --, or --pid <pid>');
  await expectWritable(output);
  const recorder = await recorderProgram(labPlaces(terminal.env), 'native', say);
  const args = [
    '--errors',
    '3',
    '-o',
    resolve(output),
    ...(options.root === undefined ? [] : ['--root', resolve(options.root)]),
    ...(options.everyCall ? ['--every-call'] : []),
    ...(options.hwInfo ? [] : ['--no-hw-info']),
    ...(pid === undefined ? ['--', ...words] : ['--pid', String(pid)]),
  ];
  const { status, error } = await runRecorder(recorder, args, terminal);
  if (error !== '') throw new UsageError(`record: ${error}`);
  say(pid === undefined ? `the VMM ended with ${status}; recorded in ${output}` : `recorded in ${output}`);
  return EXIT.ok;
}

const SAYS = 'nestcheck-recorder: ';

/** The VMM has this process's terminal; what the recorder itself says is its last line, and stands among the VMM's. */
async function runRecorder(
  recorder: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<{ readonly status: string; readonly error: string }> {
  const child = spawn(recorder, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] });
  // Ctrl-C reaches the recorder too, which ends when what it records has.
  const forget = terminal.onInterrupt(() => child.kill('SIGTERM'));
  let error = '';
  child.stdio[3]?.on('data', (text: Buffer) => {
    error += String(text);
  });
  const status = await new Promise<string>((done, failed) => {
    child.on('error', (cause) => failed(new UsageError(`record: ${cause.message}`)));
    child.on('close', (code, signal) => done(code === null ? `signal ${signal}` : `status ${code}`));
  });
  forget();
  return { status, error: error.trim().replace(SAYS, '') };
}

function targetOf(text: string): RecorderTarget {
  const target = RECORDER_TARGETS.find((each) => each === text);
  if (target === undefined) throw new InvalidArgumentError(`Expected one of ${RECORDER_TARGETS.join(', ')}.`);
  return target;
}

/** What cannot be compiled is the user's to mend: one line, exit 2. */
async function said<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LabError) throw new UsageError(error.message);
    throw error;
  }
}
