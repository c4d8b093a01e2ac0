import { composeRules, type Override } from '../../model/rules.ts';
import { vtdQemu11Deviations } from '../../overrides/deviations/vtd-qemu-11/index.ts';
import type { FileReport } from '../report.ts';
import { replayVtdSequences } from './sequences.ts';
import { replayVtdVectors } from './vectors.ts';
import type { VtdFile } from './vtd-file.ts';

/** Replays a file of a VT-d unit under a design; what QEMU's named deviations explain is counted under their names. */
export function conformVtd(path: string, file: VtdFile, design: readonly Override[]): FileReport {
  const rules = composeRules(design);
  const tally =
    file.format === 'vtd-vectors/1'
      ? replayVtdVectors(file, rules.vtdArchitecture, vtdQemu11Deviations)
      : replayVtdSequences(file, rules.vtdArchitecture, vtdQemu11Deviations);
  return {
    file: path,
    events: tally.events,
    checked: tally.checked,
    agreed: tally.agreed,
    skipped: {},
    deviations: Object.fromEntries([...tally.deviations].sort()),
    first: tally.first,
    disagreements: tally.kinds.report(),
    machine: 'vtd',
  };
}
