import type { Selection } from '../checker/record.ts';
import type { Override } from '../model/rules.ts';
import { isEmulatedRecording, replayEmulated } from './emulated/replay.ts';
import { InputError } from './input-error.ts';
import { parseJson, textOfVectors } from './json-document.ts';
import { Judge, type Judgement } from './judge/judge.ts';
import type { Judged } from './judge/walk.ts';
import type { Keep, Place } from './kept.ts';
import { replayRecording } from './linux/replay.ts';
import type { FileReport } from './report.ts';
import { isSelftestRecording } from './selftests/lines.ts';
import { replaySelftests } from './selftests/replay.ts';
import { conformVectors } from './vectors/conform.ts';
import { conformSequences } from './vectors/conform-sequences.ts';
import { isSequenceDocument, sequenceFileOf } from './vectors/sequence-file.ts';
import { vectorFileOf } from './vectors/vector-file.ts';
import { isVmmRecording, replayVmm } from './vmm/replay.ts';
import { conformVtd } from './vtd/conform.ts';
import { isVtdDocument, vtdFileOf } from './vtd/vtd-file.ts';

export { InputError } from './input-error.ts';
export { type Judgement, judge, scopeOf } from './judge/judge.ts';
export type { Judged } from './judge/walk.ts';
export type { Kept, KeptCommand, Place } from './kept.ts';
export type { Disagreement, FileReport } from './report.ts';

/**
 * Compares a file of recorded answers with the model under a design: recordings of the kernel, of a VMM or of a machine with an
 * emulated SMMUv3 (`.jsonl`), vectors of an SMMUv3 or a VT-d unit and sequences of the latter (`.json`), either gzipped. `keep` is told what the recorded system did;
 * of vectors nothing.
 * @throws InputError that names the file, the place and what was expected there.
 */
export async function conformFile(
  path: string,
  design: readonly Override[],
  keep: Keep | null = null,
): Promise<FileReport> {
  if (/\.jsonl(\.gz)?$/.test(path)) {
    if (await isSelftestRecording(path)) return replaySelftests(path, design);
    if (await isEmulatedRecording(path)) return replayEmulated(path, design);
    return (await isVmmRecording(path)) ? replayVmm(path, design, keep) : replayRecording(path, design, keep);
  }
  if (/\.json(\.gz)?$/.test(path)) return conformDocument(path, design);
  throw new InputError(path, null, 'expected a name that ends in .jsonl, .jsonl.gz, .json or .json.gz');
}

/** What came of a recording that was compared with the model and held to properties. */
export interface JudgedRecording {
  readonly report: FileReport;
  /** Where it took place; null: it says nothing of what a system did. */
  readonly place: Place | null;
  readonly judgements: readonly Judgement[];
}

/** The same, and properties are looked at in every world of the recording. `names`: what traces say of the design. */
export async function judgeFile(
  path: string,
  design: readonly Override[],
  properties: readonly Judged[],
  names: Pick<Selection, 'design' | 'defects'>,
): Promise<JudgedRecording> {
  const judges: Judge[] = [];
  const report = await conformFile(path, design, (place) => {
    const each = new Judge(place, properties, names);
    judges.push(each);
    return each;
  });
  const [judge] = judges;
  return { report, place: judge?.place ?? null, judgements: judge?.judgements() ?? [] };
}

/** By the format that the document names. */
async function conformDocument(path: string, design: readonly Override[]): Promise<FileReport> {
  const document = parseJson(path, await textOfVectors(path));
  if (isVtdDocument(document)) return conformVtd(path, vtdFileOf(path, document), design);
  if (isSequenceDocument(document)) return conformSequences(path, sequenceFileOf(path, document), design);
  return conformVectors(path, vectorFileOf(path, document), design);
}
