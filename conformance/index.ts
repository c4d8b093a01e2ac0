import type { Override } from '../model/rules.ts';
import { InputError } from './input-error.ts';
import { replayRecording } from './linux/replay.ts';
import type { FileReport } from './report.ts';
import { conformVectors } from './vectors/conform.ts';
import { isVmmRecording, replayVmm } from './vmm/replay.ts';

export { InputError } from './input-error.ts';
export type { Disagreement, FileReport } from './report.ts';

/**
 * Compares a file of recorded answers with the model under a design: recordings of the kernel or of a VMM (`.jsonl`), vectors
 * of an SMMUv3 (`.json`), either gzipped.
 * @throws InputError that names the file, the place and what was expected there.
 */
export async function conformFile(path: string, design: readonly Override[]): Promise<FileReport> {
  if (/\.jsonl(\.gz)?$/.test(path))
    return (await isVmmRecording(path)) ? replayVmm(path, design) : replayRecording(path, design);
  if (/\.json(\.gz)?$/.test(path)) return conformVectors(path, design);
  throw new InputError(path, null, 'expected a name that ends in .jsonl, .jsonl.gz, .json or .json.gz');
}
