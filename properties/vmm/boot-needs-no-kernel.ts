import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

/** Whether a step boots a machine that has no device at all. */
function bootsAlone(transition: Transition): boolean {
  if (argsOf(transition, 'boot') === null) return false;
  const vm = vmOfCommand(transition.before, transition);
  return vm?.running === false && vm.vsmmus.every(({ devices }) => devices.length === 0);
}

export const bootNeedsNoKernel: StepProperty = {
  id: 'boot-needs-no-kernel',
  sentence: 'Booting a VM without devices makes no call to the kernel.',
  source: 'seed 000, Jason Gunthorpe: "a working vSMMU … with no devices, and no kernel involvement"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'driver-without-device',
  violated(transition) {
    if (!bootsAlone(transition)) return null;
    for (const effect of transition.effects)
      if (effect.kind === 'vmmCall')
        return `to boot without a device, the VMM called ${effect.command.command}`;
    return null;
  },
  witness: (transition) => bootsAlone(transition) && transition.result.ok,
};
