import type { Override } from '../../model/rules.ts';
import { InputError } from '../input-error.ts';
import { Kinds } from '../kinds.ts';
import { readLines } from '../read-lines.ts';
import type { Disagreement, FileReport } from '../report.ts';
import type { Emulation } from './emulation.ts';
import { emulationOf } from './emulation-of.ts';
import { Follower, type Parting, rulesOf } from './follower.ts';
import { callOf, parseLine } from './lines.ts';
import { differing } from './seen.ts';
import { platformOf } from './start.ts';
import { inWords } from './words.ts';

/**
 * Replays a recording of an emulated IOMMU: what guest, devices and operator do are inputs, compared is what was seen behind
 * each. Behind a difference that nothing explains the rest is not compared: the machine is then elsewhere.
 */
export async function replayEmulated(path: string, design: readonly Override[]): Promise<FileReport> {
  const kinds = new Kinds();
  const deviations = new Map<string, number>();
  let [events, checked, agreed] = [0, 0, 0];
  let first: Disagreement | null = null;
  let isElsewhere = false;
  let follower: Follower | null = null;
  let emulation: Emulation | null = null;
  let skipped = 0;
  for await (const { line, text } of readLines(path)) {
    const parsed = parseLine(path, line, text);
    if (parsed === null) continue;
    events++;
    if (parsed.ev !== 'emulated') {
      const platform = platformOf(parsed);
      emulation = emulationOf(platform);
      follower = new Follower(platform, rulesOf(design, platform));
      isElsewhere = false;
      continue;
    }
    if (follower === null || emulation === null) throw new InputError(path, line, `expected ${START} first`);
    if (isElsewhere) {
      skipped++;
      continue;
    }
    checked++;
    const call = callOf(path, line, parsed);
    const { parting } = follower.follow(call, parsed.seen);
    if (parting === null) {
      agreed++;
      continue;
    }
    const told = disagreement(line, emulation.stepName(call), parting);
    if (parting.deviations === null) {
      first ??= told;
      isElsewhere = true;
      const { seen, expected } = parting;
      const kind = `${told.event}: ${inWords(emulation, seen, expected)} / ${inWords(emulation, expected, seen)}`;
      kinds.note(kind, { section: parsed.section, ...told });
      continue;
    }
    const name = parting.deviations.join('+');
    deviations.set(name, (deviations.get(name) ?? 0) + 1);
  }
  if (emulation === null) throw new InputError(path, null, `expected ${START}`);
  return {
    ...{ file: path, events, checked, agreed, first },
    skipped: skipped === 0 ? {} : { 'behind a difference': skipped },
    deviations: Object.fromEntries([...deviations].sort()),
    disagreements: kinds.report(),
    machine: emulation.name,
  };
}

const START = 'a line "emulated-smmu" or "emulated-vtd"';

function disagreement(line: number, event: string, { seen, expected }: Parting): Disagreement {
  const keys = differing(seen, expected);
  const only = (from: Parting['seen']) =>
    Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
  return { line, event, expected: only(seen), model: only(expected) };
}

/** Whether a file is a recording of an emulated IOMMU. */
export async function isEmulatedRecording(path: string): Promise<boolean> {
  for await (const { text } of readLines(path)) {
    if (/"ev":\s*"emulated-(smmu|vtd)"/.test(text)) return true;
    if (!/"ev":\s*"meta"/.test(text)) return false;
  }
  return false;
}
