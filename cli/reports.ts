import { appendFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { writeTraceFile, writeWhole } from '../checker/files.ts';
import { counterexamplePage } from '../checker/pages/counterexample.ts';
import { githubAnnotations, githubSummary } from '../checker/reporters/github.ts';
import { junitXml } from '../checker/reporters/junit.ts';
import { drawingOf, isViolated, type Reported } from '../checker/reporters/reported.ts';
import { inFile, UsageError } from '../checker/select/usage-error.ts';
import { markedCommands } from './output.ts';
import type { Terminal } from './terminal.ts';

/** A reporter that was asked for. */
type Reporter = { readonly kind: 'junit'; readonly file: string } | { readonly kind: 'github' };

/** What `addReportOptions` adds to a command's options. */
export interface ReportOptions {
  readonly reporter: readonly Reporter[];
  readonly traceDir?: string;
  readonly json?: true;
}

/** Lets a command that ends in a verdict write reports and traces for CI. */
export function addReportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--reporter <name>', 'also report for CI: junit=<file> or github')
        .argParser((text: string, before: readonly Reporter[]) => [...before, readReporter(text)])
        .default([], 'none'),
    )
    .option('--trace-dir <folder>', 'write a trace and a page for each violated property here');
}

function readReporter(text: string): Reporter {
  const file = /^junit=(.+)$/.exec(text)?.[1];
  if (file !== undefined) return { kind: 'junit', file };
  if (text === 'github') return { kind: 'github' };
  throw new InvalidArgumentError('Expected junit=<file> or github.');
}

/**
 * Writes what `addReportOptions` asks for.
 * @throws UsageError where something cannot be written.
 */
export async function deliver(
  reported: Reported,
  { reporter, traceDir, json }: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  if (traceDir !== undefined) await writing(traceDir, () => writeTraces(reported, traceDir));
  for (const each of reporter) {
    if (each.kind === 'junit') await writing(each.file, () => writeWhole(each.file, junitXml(reported)));
    else await annotate(reported, json === true, terminal);
  }
}

/** Annotations go where GitHub reads them, but never into the one JSON object; the summary to the file it names. */
async function annotate(reported: Reported, isJson: boolean, terminal: Terminal): Promise<void> {
  (isJson ? terminal.stderr : terminal.stdout).write(markedCommands(githubAnnotations(reported)));
  const summary = terminal.env.GITHUB_STEP_SUMMARY ?? '';
  if (summary !== '') await writing(summary, () => appendFile(summary, githubSummary(reported)));
}

/**
 * Looks before the work whether its reports can be written.
 * @throws UsageError where something cannot be.
 */
export async function expectDeliverable({ reporter, traceDir }: ReportOptions): Promise<void> {
  if (traceDir !== undefined) await makeWritableFolder(traceDir);
  for (const each of reporter) if (each.kind === 'junit') await expectWritable(each.file);
}

/**
 * A folder in which files can be written.
 * @throws UsageError where there can be none.
 */
export async function makeWritableFolder(path: string): Promise<void> {
  await writing(path, () => makeFolder(resolve(path)));
  await expectWritable(join(path, 'trace'), path);
}

/** A folder with those around it. (`mkdir` with `recursive` never ends where the file system knows no new folders: /proc.) */
async function makeFolder(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory() === true) return;
  const parent = dirname(path);
  // What is there and is no folder is what `mkdir` complains of.
  if (parent !== path && (await stat(parent).catch(() => null)) === null) await makeFolder(parent);
  await mkdir(path);
}

/**
 * Looks whether a file can be written whole (`writeWhole`), and leaves nothing behind.
 * @throws UsageError that names `path`, or what is better said.
 */
export async function expectWritable(path: string, named = path): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  await writing(named, async () => {
    if ((await stat(path).catch(() => null))?.isDirectory() === true)
      throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    await writeFile(beside, '');
    await rm(beside);
  });
}

async function writeTraces(reported: Reported, folder: string): Promise<void> {
  await makeFolder(resolve(folder));
  for (const each of reported.properties.filter(isViolated)) {
    const { property, trace } = each;
    const path = join(folder, `${property.id}.json`);
    await writeTraceFile(path, trace);
    const page = { ...drawingOf(reported, each), property, override: null, path };
    await writeWhole(join(folder, `${property.id}.md`), counterexamplePage(trace, page));
  }
}

/**
 * Writes to a place that the user named.
 * @throws UsageError where that cannot be.
 */
export async function writing(path: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(inFile(path, null, `cannot be written (${code})`));
  }
}
