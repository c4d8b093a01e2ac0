import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

export const guestReadsDecidedRegisters: StepProperty = {
  id: 'guest-reads-decided-registers',
  sentence: 'A guest reads each ID register at its own offset, and none that has no value yet.',
  source: 'seed 000, Nicolin Chen: "we cannot even decide vSMMU\'s capabilities … without a coldplug device"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'boot-without-registers',
  violated(transition) {
    const args = argsOf(transition, 'readId');
    if (args === null || !transition.result.ok) return null;
    const vsmmu = vmOfCommand(transition.before, transition)?.vsmmus[args.vsmmu];
    if (vsmmu === undefined) return null;
    if (vsmmu.registers === null)
      return `the guest read the ID registers of vSMMU ${args.vsmmu}, which nobody has decided`;
    // In the order of their offsets (IHI0070 6.3).
    const { IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR, AIDR } = vsmmu.registers;
    const decided = [IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR, AIDR];
    const data = (transition.result.out.data ?? []) as readonly bigint[];
    const wrong = decided.findIndex((value, at) => BigInt(value) !== data[at]);
    return wrong < 0
      ? null
      : `the guest read ${String(data[wrong])} at offset ${4 * wrong} of vSMMU ${args.vsmmu}`;
  },
  witness: (transition) => argsOf(transition, 'readId') !== null && transition.result.ok,
};
