import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodeMutation, codeMutation } from '../checker/measure/code-mutation.ts';
import { type DefectData, defectData } from '../checker/measure/defects.ts';
import { type MutationData, mutationData } from '../checker/measure/mutation.ts';
import { ROOT } from './committed.ts';

function pathOf(name: string): string {
  return join(ROOT, 'tools/data', name);
}

/** What `npm run defects` measured. */
export async function readDefectData(): Promise<DefectData> {
  return defectData.parse(JSON.parse(await readFile(pathOf('defects.json'), 'utf8')));
}

/** What `npm run mutation` found. */
export async function readMutationData(): Promise<MutationData> {
  return mutationData.parse(JSON.parse(await readFile(pathOf('mutation.json'), 'utf8')));
}

/** What it found in a sample of the source text; null: that was not tried. */
export async function readCodeMutation(): Promise<CodeMutation | null> {
  try {
    return codeMutation.parse(JSON.parse(await readFile(pathOf('code-mutation.json'), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a data file, whole or not at all. */
export async function writeData(name: string, data: unknown): Promise<void> {
  const path = pathOf(name);
  await writeFile(`${path}.part`, `${JSON.stringify(data, null, 1)}\n`);
  await rename(`${path}.part`, path);
}
