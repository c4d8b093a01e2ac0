import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

export const guestReadsDecidedRegisters: StepProperty = {
  id: 'guest-reads-decided-registers',
  sentence: 'A guest never reads an ID register that has no value yet.',
  source: 'seed 000, Nicolin Chen: "we cannot even decide vSMMU\'s capabilities … without a coldplug device"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'boot-without-registers',
  violated(transition) {
    const args = argsOf(transition, 'readId');
    if (args === null || !transition.result.ok) return null;
    const vsmmu = vmOfCommand(transition.before, transition)?.vsmmus[args.vsmmu];
    return vsmmu?.registers === null
      ? `the guest read the ID registers of vSMMU ${args.vsmmu}, which nobody has decided`
      : null;
  },
  witness: (transition) => argsOf(transition, 'readId') !== null && transition.result.ok,
};
