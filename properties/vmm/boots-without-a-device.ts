import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

/** A boot of a machine of which some vSMMU has no device behind it; the vSMMU's index, or null for other steps. */
function emptyVsmmu(transition: Transition): number | null {
  const vm = argsOf(transition, 'boot') === null ? null : vmOfCommand(transition.before, transition);
  if (vm === null || vm.running) return null;
  const index = vm.vsmmus.findIndex(({ devices }) => devices.length === 0);
  return index < 0 ? null : index;
}

export const bootsWithoutADevice: StepProperty = {
  id: 'boots-without-a-device',
  sentence: 'A VM boots without a device behind its vSMMU.',
  source:
    'seed 000, Daniel Berrangé: "a way to configure & control the vIOMMU independantly of … a VFIO device"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'registers-inherited',
  violated(transition) {
    const index = emptyVsmmu(transition);
    if (index === null || transition.result.ok) return null;
    return `booting with no device behind vSMMU ${index} was refused with ${transition.result.errno}`;
  },
  witness: (transition) => emptyVsmmu(transition) !== null && transition.result.ok,
};
