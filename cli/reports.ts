import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { writeTraceFile, writeWhole } from '../checker/files.ts';
import { counterexamplePage } from '../checker/pages/counterexample.ts';
import { githubAnnotations, githubSummary } from '../checker/reporters/github.ts';
import { junitXml } from '../checker/reporters/junit.ts';
import { drawingOf, isViolated, type Reported } from '../checker/reporters/reported.ts';
import { UsageError } from '../checker/select/usage-error.ts';
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
  (isJson ? terminal.stderr : terminal.stdout).write(githubAnnotations(reported));
  const summary = terminal.env.GITHUB_STEP_SUMMARY ?? '';
  if (summary !== '') await writing(summary, () => appendFile(summary, githubSummary(reported)));
}

async function writeTraces(reported: Reported, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
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
export async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`${path}: cannot be written (${code})`);
  }
}
