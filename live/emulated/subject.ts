import { rulesOf } from '../../conformance/emulated/follower.ts';
import { promisesOf } from '../options.ts';
import type { SubjectOf } from '../subject.ts';
import { canBeDone, generateEmulated, staysInMemory } from './generate.ts';
import { judgeEmulated } from './judge.ts';
import type { QtestMachine } from './machine.ts';
import { EmulatedModelTarget } from './model-target.ts';

/** An emulated IOMMU: what a guest without a kernel does with it. Its runs begin with a reset, and do not see each other. */
export function emulatedSubject(machine: QtestMachine): SubjectOf {
  return (described, options) => {
    const { platform } = described;
    const rules = rulesOf(options.design, platform);
    const promises = promisesOf(options, platform, 'step');
    return {
      round: 8,
      together: 4,
      smallOnModel: true,
      generate: ({ commands: avoided }, beginning, draw) =>
        generateEmulated(machine, platform, rules.real, { steps: options.steps, avoided }, beginning, draw),
      possible: (sequence) =>
        canBeDone(machine, sequence) && staysInMemory(machine, platform, rules.real, sequence),
      leavesBehind: () => null,
      continues: (sequence) => canBeDone(machine, sequence),
      judge: (ran) => judgeEmulated(described, ran, rules, promises),
      model: () => new EmulatedModelTarget(described, rules.real),
    };
  };
}
