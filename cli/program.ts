import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { oneLine, printable, thrownText } from '../checker/outside/text.ts';
import { unknownText } from '../checker/select/by-name.ts';
import { UsageError } from '../checker/select/usage-error.ts';
import { InputError } from '../conformance/input-error.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { showing } from './output.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line; gives the exit status. Never throws, and never prints a stack unless asked to. */
export async function run(argv: readonly string[], given: Terminal): Promise<ExitCode> {
  const terminal = showing(given);
  let code: ExitCode = EXIT.ok;
  try {
    const program = await buildProgram(argv, terminal, (ended) => {
      code = ended;
    });
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** Adds a command to the program; `end` is told how it ended. */
type Add = (program: Command, terminal: Terminal, end: (code: ExitCode) => void) => void;

/** The commands, each loaded only where it is wanted: most of a second goes into loading them all. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  check: async () => (await import('./commands/check.ts')).addCheck,
  run: async () => (await import('./commands/run.ts')).addRun,
  explore: async () => (await import('./commands/explore.ts')).addExplore,
  minimise: async () => (await import('./commands/minimise.ts')).addMinimise,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  conform: async () => (await import('./commands/conform.ts')).addConform,
  diff: async () => (await import('./commands/diff.ts')).addDiff,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  describe: async () => (await import('./commands/describe.ts')).addDescribe,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
  export: async () => (await import('./commands/export.ts')).addExport,
  lab: async () => (await import('./commands/lab.ts')).addLab,
  live: async () => (await import('./commands/live.ts')).addLive,
  record: async () => (await import('./commands/record.ts')).addRecord,
  list: async () => (await import('./commands/list.ts')).addList,
  view: async () => (await import('./commands/view.ts')).addView,
};

const NAMES = Object.keys(COMMANDS);

/** The program with the command that the first argument names, or with all where it names none. */
async function buildProgram(
  argv: readonly string[],
  terminal: Terminal,
  end: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command('nestcheck')
    .description('An executable model of nested IOMMU translation, and a checker of its properties')
    .version(version())
    .usage('<command> [options]')
    .helpCommand('help [command]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // Errors are printed once and in one line, where they are caught.
      writeErr: () => {},
    })
    .addHelpText(
      'after',
      '\nExit status: 0 all hold or agree; 1 a property is violated, a recording disagrees,\n' +
        'or two designs differ; 2 bad usage or unreadable input; 3 no verdict within the budget, or a vacuous property;\n' +
        '141 nobody read the output to its end, as when it goes to head.',
    );
  const [first = '', second] = argv;
  if (first === 'help' && second !== undefined && !NAMES.includes(second) && !second.startsWith('-'))
    throw unknownCommand(second);
  // A completion is made of all commands.
  const wanted = NAMES.includes(first) && first !== 'completion' ? [first] : NAMES;
  for (const name of wanted) (await COMMANDS[name]?.())?.(program, terminal, end);
  program.argument('[command]').action((name: string | undefined) => {
    if (name !== undefined) throw unknownCommand(name);
    throw new UsageError(`expected a command: ${NAMES.join(', ')}; --help tells more`);
  });
  return program;
}

function unknownCommand(name: string): UsageError {
  return new UsageError(unknownText('command', name, NAMES));
}

function version(): string {
  const { version: own } = createRequire(import.meta.url)('nestcheck/package.json') as { version: string };
  return own;
}

function reportError(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    return fail(terminal, error.message.replace(/^error: /, ''));
  }
  if (error instanceof UsageError || error instanceof InputError) return fail(terminal, error.message);
  if (isOutOfMemory(error))
    return fail(terminal, 'a thread had no memory left; expected a larger heap (--max-old-space-size)');
  if (terminal.env.NESTCHECK_DEBUG === '1' && error instanceof Error) {
    terminal.stderr.write(`${printable(String(error.stack))}\n`);
    return EXIT.internal;
  }
  terminal.stderr.write(`nestcheck: internal error: ${thrownText(error)} (this is a bug in nestcheck)\n`);
  return EXIT.internal;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function fail(terminal: Terminal, message: string): ExitCode {
  terminal.stderr.write(`nestcheck: ${oneLine(message)}\n`);
  return EXIT.usage;
}
