import { rulesOf } from './compare.ts';
import { generateSequence } from './generate.ts';
import { judge } from './judge.ts';
import { leavesBehind } from './left-behind.ts';
import { ModelTarget } from './model-target.ts';
import { promisesOf } from './options.ts';
import { canBePlanned } from './plan.ts';
import { standsAlone } from './step.ts';
import type { SubjectOf } from './subject.ts';

/** A kernel: what a process does with its files. */
export const kernelSubject: SubjectOf = (described, options) => {
  const rules = rulesOf(options);
  const { steps } = options;
  const { platform, cdevs } = described;
  const promises = promisesOf(options, platform, 'state');
  return {
    round: 16,
    // A round trip costs as much as some dozen calls.
    together: 6,
    smallOnModel: false,
    generate: ({ commands: avoided, left }, beginning, draw) =>
      generateSequence({ described, rules, steps, avoided, left }, beginning, draw),
    possible: (sequence) => standsAlone(sequence) && sequence.every((step) => canBePlanned(step, cdevs)),
    leavesBehind: (sequence) => leavesBehind(platform, sequence, rules),
    continues: (sequence) => sequence.every(({ kind }) => kind === 'call'),
    judge: (ran) => judge(described, ran, options, promises),
    model: () => new ModelTarget(described, rules),
  };
};
