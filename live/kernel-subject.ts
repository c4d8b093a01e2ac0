import { rulesOf } from './compare.ts';
import { generateSequence } from './generate.ts';
import { judge } from './judge.ts';
import { leavesBehind } from './left-behind.ts';
import { ModelTarget } from './model-target.ts';
import { promisesOf } from './options.ts';
import { canBePlanned } from './plan.ts';
import { isRacing, refersWithinThreads } from './race.ts';
import { standsAlone } from './step.ts';
import type { SubjectOf } from './subject.ts';

/** A kernel: what a process does with its files. */
export const kernelSubject: SubjectOf = (described, options) => {
  const rules = rulesOf(options);
  const { steps, races = false } = options;
  const { platform, cdevs } = described;
  const promises = promisesOf(options, platform, 'state');
  return {
    round: 16,
    // A round trip costs as much as some dozen calls.
    together: 6,
    smallOnModel: false,
    generate: ({ commands: avoided, left }, beginning, draw) =>
      generateSequence({ described, rules, steps, races, avoided, left }, beginning, draw),
    possible: (sequence) =>
      standsAlone(sequence) &&
      refersWithinThreads(sequence) &&
      sequence.every((step) => canBePlanned(step, cdevs)),
    leavesBehind: (sequence) => leavesBehind(platform, sequence, rules),
    // What a race reached is not reached again by the same seed.
    continues: (sequence) => sequence.every(({ kind }) => kind === 'call') && !isRacing(sequence),
    judge: (ran) => judge(described, ran, options, promises),
    model: () => new ModelTarget(described, rules),
  };
};
