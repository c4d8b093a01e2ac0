import { rulesOf } from '../../conformance/emulated/follower.ts';
import { promisesOf } from '../options.ts';
import type { SubjectOf } from '../subject.ts';
import { canBeDone, generateSmmu, staysInMemory } from './generate.ts';
import { judgeSmmu } from './judge.ts';
import { SmmuModelTarget } from './model-target.ts';

/** An emulated SMMUv3: what a guest without a kernel does with it. Its runs begin with a reset, and do not see each other. */
export const smmuSubject: SubjectOf = (described, options) => {
  const rules = rulesOf(options.design);
  const { platform } = described;
  const promises = promisesOf(options, platform, 'step');
  return {
    round: 8,
    together: 4,
    smallOnModel: true,
    generate: ({ commands: avoided }, beginning, draw) =>
      generateSmmu(platform, rules.real, { steps: options.steps, avoided }, beginning, draw),
    possible: (sequence) => canBeDone(sequence) && staysInMemory(platform, rules.real, sequence),
    leavesBehind: () => null,
    continues: canBeDone,
    judge: (ran) => judgeSmmu(described, ran, rules, promises),
    model: () => new SmmuModelTarget(described, rules.real),
  };
};
