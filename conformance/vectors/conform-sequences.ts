import { composeRules, type Override } from '../../model/rules.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { Kinds } from '../kinds.ts';
import type { Disagreement, FileReport } from '../report.ts';
import type { Parted } from './difference.ts';
import { EpisodeReplay, type Verdict } from './episode.ts';
import { MOST_WAYS_OF_FILE } from './open-caches.ts';
import type { SequenceFile } from './sequence-file.ts';

/**
 * Replays a file of episodes under a design. Where that departs as QEMU does, caches are QEMU's; else they are open, and hold
 * what they may by the architecture. What named deviations explain is counted under their names.
 */
export function conformSequences(path: string, file: SequenceFile, design: readonly Override[]): FileReport {
  const rules = composeRules(design).smmuArchitecture;
  const isOpen = !smmuQemu11Deviations.every((deviation) => design.includes(deviation));
  const waysLeft = { left: MOST_WAYS_OF_FILE };
  const tally = new Tally();
  file.episodes.forEach((episode, index) => {
    const replay = new EpisodeReplay(file, episode, rules, smmuQemu11Deviations, isOpen ? waysLeft : null);
    const section = `episode ${index}${episode.name === undefined ? '' : ` (${episode.name})`}`;
    for (const number of episode.steps.keys()) {
      const verdict = replay.step(number);
      if (verdict !== null) tally.note(verdict, { line: index + 1, section, number });
    }
  });
  return tally.report(path);
}

interface Place {
  readonly line: number;
  readonly section: string;
  readonly number: number;
}

class Tally {
  readonly #kinds = new Kinds();
  readonly #skipped: Record<string, number> = {};
  readonly #deviations: Record<string, number> = {};
  #events = 0;
  #checked = 0;
  #agreed = 0;
  #first: Disagreement | null = null;

  note(verdict: Verdict, place: Place): void {
    this.#events++;
    if (verdict.kind === 'skipped') {
      this.#skipped[verdict.reason] = (this.#skipped[verdict.reason] ?? 0) + 1;
      return;
    }
    this.#checked++;
    if (verdict.kind === 'agrees') {
      this.#agreed++;
      return;
    }
    for (const { name } of verdict.needed ?? []) this.#deviations[name] = (this.#deviations[name] ?? 0) + 1;
    if (verdict.needed === undefined) this.#parted(verdict.how(), place);
  }

  #parted({ kind, event, expected, model }: Parted, { line, section, number }: Place): void {
    const disagreement: Disagreement = {
      line,
      event: `${section}, step ${number}: ${event}`,
      expected,
      model,
    };
    this.#first ??= disagreement;
    this.#kinds.note(kind, { section, ...disagreement });
  }

  report(file: string): FileReport {
    return {
      file,
      events: this.#events,
      checked: this.#checked,
      agreed: this.#agreed,
      skipped: this.#skipped,
      deviations: this.#deviations,
      first: this.#first,
      disagreements: this.#kinds.report(),
      machine: 'smmuv3',
    };
  }
}
