import type { BeyondDesign } from '../../conformance/beyond-design.ts';
import { emulationOf } from '../../conformance/emulated/emulation-of.ts';
import { Follower } from '../../conformance/emulated/follower.ts';
import { callOf, type EmulatedLine } from '../../conformance/emulated/lines.ts';
import { differing } from '../../conformance/emulated/seen.ts';
import { inWords } from '../../conformance/emulated/words.ts';
import type { StepProperty } from '../../properties/property.ts';
import type { Outcome } from '../compare.ts';
import type { Judged, Sight } from '../judge.ts';
import type { Described, Ran } from '../target.ts';

/** What a run of an emulated IOMMU shows: where it parts from the model, and which promises it breaks. */
export function judgeEmulated(
  { platform }: Pick<Described, 'platform'>,
  ran: Ran,
  rules: BeyondDesign,
  promises: readonly StepProperty[],
): Judged {
  const emulation = emulationOf(platform);
  const follower = new Follower(platform, rules);
  const sights = new Map<string, Sight>();
  const outcomes: Outcome[] = [];
  let checked = 0;
  const put = (sight: Omit<Sight, 'steps'>, step: number): void => {
    if (!sights.has(sight.kind)) sights.set(sight.kind, { ...sight, steps: step + 1 });
  };
  for (const [at, line] of (ran.lines as readonly EmulatedLine[]).entries()) {
    if (line.ev !== 'emulated') continue;
    const step = ran.steps[at] ?? -1;
    const call = callOf('live', at + 1, line);
    const name = emulation.stepName(call);
    const { parting, transition } = follower.follow(call, line.seen);
    checked++;
    outcomes.push({ what: emulation.outcomeOf(call, line.seen), step });
    if (parting !== null && parting.deviations === null) {
      const { seen, expected } = parting;
      const [real, model] = [inWords(emulation, seen, expected), inWords(emulation, expected, seen)];
      const kind = `${name}: ${real} / ${model}`;
      put(
        {
          is: 'difference',
          kind,
          name: null,
          command: name,
          real: detailed(real, seen, expected),
          model: detailed(model, expected, seen),
        },
        step,
      );
      break;
    }
    if (parting !== null)
      for (const deviation of parting.deviations ?? [])
        put(
          {
            is: 'deviation',
            kind: `deviation ${deviation}`,
            name: deviation,
            command: name,
            real: inWords(emulation, parting.seen, parting.expected),
            model: '',
          },
          step,
        );
    for (const { id, violated } of promises) {
      if (sights.has(`promise ${id}`)) continue;
      const violation = violated(transition);
      if (violation !== null)
        put(
          { is: 'promise', kind: `promise ${id}`, name: id, command: '', real: violation, model: '' },
          step,
        );
    }
  }
  return { sights: [...sights.values()], checked, outcomes };
}

/** The words, and the numbers that are meant. */
function detailed(words: string, seen: Parameters<typeof differing>[0], other: typeof seen): string {
  const values = differing(seen, other)
    .filter((key) => key !== 'ends')
    .map((key) => `${key} ${seen[key]}`);
  return values.length === 0 ? words : `${words} (${values.join(', ')})`;
}
