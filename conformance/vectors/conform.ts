import { composeRules, type Override } from '../../model/rules.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { Kinds } from '../kinds.ts';
import type { FileReport, Disagreement as Reported } from '../report.ts';
import type { Observation } from './observe.ts';
import { type Disagreement, replayVectors } from './replay.ts';
import type { VectorFile } from './vector-file.ts';

/** Replays a vector file under a design; what QEMU's named deviations explain is counted under their names. */
export function conformVectors(path: string, file: VectorFile, design: readonly Override[]): FileReport {
  const kinds = new Kinds();
  const report = replayVectors(
    path,
    file,
    composeRules(design).smmuArchitecture,
    smmuQemu11Deviations,
    (parted) =>
      kinds.note(kindOf(parted), { section: `configuration ${parted.config}`, ...disagreement(parted) }),
  );
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
    disagreements: kinds.report(),
    machine: 'smmuv3',
  };
}

/** What differs: where the access landed, or the names of the events and their fields. */
function kindOf({ expected, model }: Disagreement): string {
  if (expected.pa !== model.pa)
    return `landed ${landed(expected)}, model ${landed(model)} (events ${types(expected)}, model ${types(model)})`;
  if (types(expected) !== types(model)) return `events ${types(expected)}, model ${types(model)}`;
  const fields = new Set(
    expected.events.flatMap((event, at) => {
      const other: Readonly<Record<string, unknown>> = { ...model.events[at] };
      return Object.entries(event).flatMap(([name, value]) => (other[name] === value ? [] : [name]));
    }),
  );
  return `event ${types(expected)}: ${[...fields].join(', ')}`;
}

function landed({ pa }: Observation): string {
  return pa === null ? 'nowhere' : 'somewhere';
}

function types({ events }: Observation): string {
  return events.map(({ type }) => type).join('+') || 'none';
}

function disagreement(first: Disagreement): Reported {
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
