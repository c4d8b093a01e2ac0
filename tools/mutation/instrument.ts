import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type File,
  Instrumenter,
  type InstrumenterOptions,
  type InstrumentResult,
} from '@stryker-mutator/instrumenter';
import type { Mutant } from '../../checker/measure/code-mutation.ts';
import { ROOT } from '../committed.ts';

/** A mutant as StrykerJS makes it. */
export type Made = InstrumentResult['mutants'][number];

/** What is mutated. */
const FOLDERS: readonly string[] = ['model', 'conformance'];

/*
 * Text of messages and sentences is not behaviour that a property or a recording could see, and a mutator does not tell it from
 * other text.
 */
const OPTIONS: InstrumenterOptions = {
  plugins: null,
  ignorers: [],
  excludedMutations: ['StringLiteral', 'Regex'],
};

const quiet = () => {};

const instrumenter = new Instrumenter({
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => true,
  isErrorEnabled: () => true,
  isFatalEnabled: () => true,
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: console.warn,
  error: console.error,
  fatal: console.error,
});

async function sources(): Promise<readonly File[]> {
  const files: File[] = [];
  for (const folder of FOLDERS) {
    for (const name of (await readdir(join(ROOT, folder), { recursive: true })).sort()) {
      if (!name.endsWith('.ts')) continue;
      const path = join(folder, name);
      files.push({ name: path, content: await readFile(join(ROOT, path), 'utf8'), mutate: true });
    }
  }
  return files;
}

/** Every mutant of the sources, in their order. */
export async function everyMutant(): Promise<readonly Made[]> {
  const { mutants } = await instrumenter.instrument(await sources(), OPTIONS);
  return mutants.filter(({ status }) => status !== 'Ignored');
}

/** The sources with these mutants in them, each behind a switch, and with their numbers there. */
export async function instrumented(
  chosen: readonly Made[],
): Promise<{ readonly files: ReadonlyMap<string, string>; readonly mutants: readonly Mutant[] }> {
  const before = await sources();
  const files = before
    .map((file) => ({ ...file, mutate: placesOf(chosen.filter(({ fileName }) => fileName === file.name)) }))
    .filter(({ mutate }) => mutate.length > 0);
  const made = await instrumenter.instrument(files, OPTIONS);
  const wanted = new Set(chosen.map(identity));
  const text = new Map(before.map(({ name, content }) => [name, content]));
  return {
    files: new Map(made.files.map(({ name, content }) => [name, content])),
    // Others lie in the same places; nobody asks for them.
    mutants: made.mutants
      .filter((each) => wanted.has(identity(each)))
      .map((each) => describe(each, text.get(each.fileName) ?? '')),
  };
}

function placesOf(mutants: readonly Made[]): Exclude<File['mutate'], boolean> {
  return mutants.map(({ location }) => location);
}

function identity({ fileName, location, mutatorName, replacement }: Made): string {
  return JSON.stringify([fileName, location, mutatorName, replacement]);
}

function describe({ id, fileName, location, mutatorName, replacement }: Made, text: string): Mutant {
  const lines = text.split('\n').slice(location.start.line, location.end.line + 1);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, location.end.column);
  lines[0] = (lines[0] ?? '').slice(location.start.column);
  return {
    id,
    file: fileName,
    line: location.start.line + 1,
    mutator: mutatorName,
    original: oneLine(lines.join('\n')),
    replacement: oneLine(replacement),
  };
}

function oneLine(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
