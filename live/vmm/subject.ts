import { rulesOf } from '../../conformance/vmm/replay.ts';
import { promisesOf } from '../options.ts';
import type { LiveSequence } from '../step.ts';
import type { SubjectOf } from '../subject.ts';
import { generateVmm } from './generate.ts';
import { Guest } from './guest.ts';
import { judgeVmm } from './judge.ts';
import { VmmModelTarget } from './model-target.ts';
import { startOf } from './plan.ts';

/** A VMM: what its guest and its operator do with vSMMUs. Every run is a life of its own. */
export const vmmSubject: SubjectOf = (described, options) => {
  const { real } = rulesOf(options.design);
  const { platform } = described;
  const promises = promisesOf(options, platform, 'state');
  return {
    // Starting a VMM takes seconds.
    round: 2,
    together: 1,
    smallOnModel: true,
    generate: ({ commands: avoided }, beginning, draw) =>
      generateVmm(platform, real, { steps: options.steps, avoided }, beginning, draw),
    possible: (sequence) => boots(sequence) && new Guest(platform, real, startOf(sequence).cold).starts(),
    leavesBehind: () => null,
    continues: () => true,
    judge: (ran) => judgeVmm(described, ran, options.design, promises),
    model: () => new VmmModelTarget(described, real, real),
  };
};

/** Whether it begins with nothing that a machine must run for. */
function boots(sequence: LiveSequence): boolean {
  const boot = sequence.findIndex((step) => step.kind === 'call' && step.call.command === 'boot');
  return sequence
    .slice(0, Math.max(boot, 0))
    .every((step) => step.kind === 'call' && step.call.command === 'plug');
}
