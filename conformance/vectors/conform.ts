import { composeRules, type Override } from '../../model/rules.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import type { FileReport } from '../report.ts';
import type { Observation } from './observe.ts';
import { type Disagreement, replayVectors } from './replay.ts';
import type { VectorFile } from './vector-file.ts';

/** Replays a vector file under a design; what QEMU's named deviations explain is counted under their names. */
export function conformVectors(path: string, file: VectorFile, design: readonly Override[]): FileReport {
  const report = replayVectors(path, file, composeRules(design).smmuArchitecture, smmuQemu11Deviations);
  const disagrees = report.agreed < report.checked;
  return {
    file: path,
    events: report.events,
    checked: report.checked,
    agreed: report.agreed,
    skipped: report.skipped,
    // A design that has the deviations expects them.
    deviations: disagrees ? report.deviations : {},
    first: report.unnamed > 0 && report.first !== null ? disagreement(report.first) : null,
    machine: 'smmuv3',
  };
}

function disagreement(first: Disagreement): FileReport['first'] {
  const { config, access, iova, write, expected, model } = first;
  return {
    line: config + 1,
    event: `configuration ${config}, access ${access}: ${write ? 'write' : 'read'} 0x${iova.toString(16)}`,
    expected: show(expected),
    model: show(model),
  };
}

function show({ pa, events }: Observation): Readonly<Record<string, string>> {
  const inHex = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  return { pa: pa === null ? 'none' : `0x${pa.toString(16)}`, events: JSON.stringify(events, inHex) };
}
