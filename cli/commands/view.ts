import { basename } from 'node:path';
import type { Command } from 'commander';
import { readTraceFile, readWholeText, writeWhole } from '../../checker/files.ts';
import { pathText } from '../../checker/outside/text.ts';
import type { Given } from '../../checker/pages/explorer.ts';
import { readScript } from '../../checker/script/read.ts';
import { inScript, noScope } from '../../checker/script/refused.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { inFile, UsageError } from '../../checker/select/usage-error.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { expectWritable, writing } from '../reports.ts';
import type { Terminal } from '../terminal.ts';
import { settingOf } from '../trace-setting.ts';
import { openInBrowser } from '../view/browser.ts';
import { builtExplorer, servedFiles, wholeFile } from '../view/files.ts';
import { serve } from '../view/server.ts';

interface ViewOptions {
  readonly html?: string;
  readonly port: number;
  readonly open: boolean;
}

const EXAMPLES = `
Examples:
  $ nestcheck view
  $ nestcheck view counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json
  $ nestcheck view mine.steps --no-open --port 8080
  $ nestcheck view --html vmid.html counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json`;

/** `nestcheck view` */
export function addView(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('view')
    .description(
      'walk through a trace in a browser, or through anything else: the explorer, served to this machine alone',
    )
    .argument('[trace]', 'a trace file, or a file of steps as run takes it; without one, the gallery')
    .option('--html <file>', 'write it as one file with everything in it, to attach to a mail')
    .option('--port <number>', 'serve at this port (default: any that is free)', portOf, 0)
    .option('--no-open', 'print the address, and open no browser')
    .addHelpText('after', EXAMPLES)
    .action(async (trace: string | undefined, options: ViewOptions) => {
      const given = trace === undefined ? null : await givenBy(trace);
      end(
        options.html === undefined ? await view(given, options, terminal) : await write(given, options.html),
      );
    });
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError(`--port: expected a number from 0 to 65535, not '${text}'`);
}

/**
 * The file, once it is known to be one that the explorer opens.
 * @throws UsageError as replay and run do.
 */
async function givenBy(path: string): Promise<Given> {
  const text = await readWholeText(path);
  const name = basename(path);
  if (text.trimStart().startsWith('{') || path.endsWith('.json')) {
    const trace = await readTraceFile(path);
    expectNoModule(path, Object.keys(trace.design));
    await settingOf(path, trace, []);
    return { name, text: printTrace(trace) };
  }
  try {
    const { scope, modules } = readScript(text);
    if (scope === null) throw noScope(path);
    expectNoModule(path, Object.keys(modules));
  } catch (error) {
    throw inScript(path, error);
  }
  return { name, text };
}

/** A module is code of the user's own; a page that others open runs none. */
function expectNoModule(path: string, designs: readonly string[]): void {
  const module = designs.find(isModulePath);
  if (module !== undefined)
    throw new UsageError(
      inFile(
        path,
        null,
        `made with '${pathText(module)}'; the explorer runs no modules, replay --design does`,
      ),
    );
}

async function write(given: Given | null, path: string): Promise<ExitCode> {
  await expectWritable(path);
  const text = wholeFile(await builtExplorer(), given);
  await writing(path, () => writeWhole(path, text));
  return EXIT.ok;
}

/** Serves the explorer until the user ends it. */
async function view(given: Given | null, { port, open }: ViewOptions, terminal: Terminal): Promise<ExitCode> {
  const files = servedFiles(await builtExplorer(), given);
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const forget = terminal.onInterrupt(() => stop());
  try {
    const serving = await serve(files, port).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`--port ${port}: cannot be had (${error.code})`);
    });
    terminal.stdout.write(`${serving.address}\n`);
    terminal.stderr.write('Ctrl-C ends it.\n');
    if (open) openInBrowser(serving.address);
    await stopped;
    await serving.close();
    return EXIT.ok;
  } finally {
    forget();
  }
}
