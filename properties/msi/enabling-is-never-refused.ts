import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from '../vmm/look.ts';
import { hasVits } from './platforms.ts';

/** A vector that a guest which has an ITS, and has programmed it, switches on: what the host said to that. */
function enabled(transition: Transition): string | null {
  const args = argsOf(transition, 'enableVector');
  const vm = vmOfCommand(transition.before, transition);
  const vits = transition.before.platform.vmHardware?.find((each) => each.vm === vm?.name)?.vits ?? null;
  if (args === null || vm === null || vits === null) return null;
  const device = vm.vsmmus[args.vsmmu]?.devices.find(({ vsid }) => vsid === args.vsid);
  const isProgrammed = device?.vectors.some(
    ({ vector, address }) => vector === args.vector && address !== null,
  );
  if (isProgrammed !== true) return null;
  for (const effect of transition.effects) {
    if (effect.kind === 'vmmCall' && effect.command.command === 'vfioSetIrqs')
      return effect.result.ok ? 'ok' : `${effect.result.errno} for ${device?.device}`;
  }
  return null;
}

export const enablingIsNeverRefused: StepProperty = {
  id: 'enabling-is-never-refused',
  sentence:
    'After a device is plugged, the host never refuses to enable a vector that its guest has programmed.',
  source:
    'seed 004, Nicolin Chen: "MSI configuration in the host (via a VFIO_IRQ_SET_ACTION_TRIGGER hypercall)"; a guest cannot be told that it failed',
  kind: 'step',
  appliesTo: hasVits,
  brokenBy: 'forwarded-giova',
  violated(transition) {
    const answer = enabled(transition);
    return answer === null || answer === 'ok' ? null : `VFIO_DEVICE_SET_IRQS said ${answer}`;
  },
  witness: (transition) => enabled(transition) === 'ok',
};
