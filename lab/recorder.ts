import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LabPlaces, labTree } from './places.ts';
import { recorderTables } from './recorder-tables.ts';
import { type Say, script } from './script.ts';

/** What the recorder is compiled for. */
export const RECORDER_TARGETS = ['native', 'x86-64', 'arm64'] as const;

export type RecorderTarget = (typeof RECORDER_TARGETS)[number];

/**
 * The recorder, compiled on its first use and kept under the digest of its source: a static program, which can be copied.
 * @throws LabError where it cannot be compiled.
 */
export async function recorderProgram(places: LabPlaces, target: RecorderTarget, say: Say): Promise<string> {
  const tables = recorderTables();
  const folder = join(places.recorder, `${target}-${await digest(tables)}`);
  const program = join(folder, 'nestcheck-recorder');
  if (await stat(program).catch(() => null)) return program;
  say(`compiling the recorder (${target})`);
  await mkdir(folder, { recursive: true });
  const generated = join(folder, 'tables.c');
  await writeFile(generated, tables);
  await script('recorder.sh', [program, generated, target], places, say);
  return program;
}

async function digest(tables: string): Promise<string> {
  const folder = join(labTree(), 'recorder');
  const hash = createHash('sha256').update(tables);
  for (const name of (await readdir(folder)).sort())
    hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
